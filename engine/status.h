/* What can go wrong, once for the whole project: the engine's answers, the code in an OSC /fail,
 * and synthctl's exit code are the same number.  Numbers never change; new ones go at the end. */
#ifndef SY_ENGINE_STATUS_H
#define SY_ENGINE_STATUS_H

typedef enum SyStatus {
    SY_OK = 0,
    SY_ERR_FAILED = 1,           /* something the system refused; the text says what */
    SY_ERR_USAGE = 2,            /* a command line or message that makes no sense */
    SY_ERR_NO_ENGINE = 3,        /* no synthd answers */
    SY_ERR_UNKNOWN_TYPE = 4,     /* no module type of that name */
    SY_ERR_UNKNOWN_MODULE = 5,   /* no such module in the patch */
    SY_ERR_UNKNOWN_PORT = 6,     /* the module has no such port */
    SY_ERR_UNKNOWN_PARAM = 7,    /* the module has no such parameter */
    SY_ERR_ID_IN_USE = 8,        /* a module of that type has that id already */
    SY_ERR_ID_RANGE = 9,         /* id outside 1..SY_ID_MAX */
    SY_ERR_DIRECTION = 10,       /* output to output, or input to input */
    SY_ERR_VOICES = 11,          /* the two ends of a cable have voices that don't match */
    SY_ERR_VALUE = 12,           /* not a number, not finite, or outside what can be */
    SY_ERR_MEMORY = 13,          /* the arena is full */
    SY_ERR_LIMIT = 14,           /* too many modules, cables, workers, subscribers... */
    SY_ERR_FILE = 15,            /* a file cannot be read or written */
    SY_ERR_SYNTAX = 16,          /* a line of a patch makes no sense */
    SY_ERR_CONNECTED = 17,       /* that cable is there already */
    SY_ERR_NOT_CONNECTED = 18,   /* there is no such cable */
    SY_ERR_BUSY = 19,            /* a queue is full; nothing was done, try again */
    SY_ERR_IN_USE = 20,          /* the port or socket belongs to another process */
    SY_ERR_WORKER = 21,          /* a worker could not be started, or none took the work */
    SY_ERR_TIMEOUT = 22,         /* no answer in time */
    SY_ERR_PERMISSION = 23,      /* the system does not allow it */
    SY_ERR_PACKET = 24,          /* an OSC packet that breaks the format */
    SY_ERR_ADDRESS = 25,         /* an OSC address that names nothing */
    SY_ERR_AUDIO = 26,           /* the audio device cannot be opened */
    SY_ERR_NOT_QUARANTINED = 27, /* only a module in quarantine can be revived */
    SY_STATUS_COUNT
} SyStatus;

/* A few words for each; static storage; never NULL, whatever the number.
 * Thread: any.  RT: yes. */
const char *sy_status_text(SyStatus status);

#endif
