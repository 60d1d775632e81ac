#include "engine/status.h"

static const char *const texts[SY_STATUS_COUNT] = {
    [SY_OK] = "ok",
    [SY_ERR_FAILED] = "failed",
    [SY_ERR_USAGE] = "wrong usage",
    [SY_ERR_NO_ENGINE] = "no engine answers",
    [SY_ERR_UNKNOWN_TYPE] = "unknown module type",
    [SY_ERR_UNKNOWN_MODULE] = "no such module",
    [SY_ERR_UNKNOWN_PORT] = "no such port",
    [SY_ERR_UNKNOWN_PARAM] = "no such parameter",
    [SY_ERR_ID_IN_USE] = "id in use",
    [SY_ERR_ID_RANGE] = "id out of range",
    [SY_ERR_DIRECTION] = "a cable goes from an output to an input",
    [SY_ERR_VOICES] = "voices do not match",
    [SY_ERR_VALUE] = "bad value",
    [SY_ERR_MEMORY] = "memory is full",
    [SY_ERR_LIMIT] = "limit reached",
    [SY_ERR_FILE] = "file cannot be read or written",
    [SY_ERR_SYNTAX] = "syntax error",
    [SY_ERR_CONNECTED] = "already connected",
    [SY_ERR_NOT_CONNECTED] = "not connected",
    [SY_ERR_BUSY] = "busy, try again",
    [SY_ERR_IN_USE] = "address in use",
    [SY_ERR_WORKER] = "no worker could take it",
    [SY_ERR_TIMEOUT] = "timed out",
    [SY_ERR_PERMISSION] = "not permitted",
    [SY_ERR_PACKET] = "malformed packet",
    [SY_ERR_ADDRESS] = "unknown address",
    [SY_ERR_AUDIO] = "audio device cannot be opened",
    [SY_ERR_NOT_QUARANTINED] = "not in quarantine",
};

const char *sy_status_text(SyStatus status)
{
    if ((unsigned)status >= SY_STATUS_COUNT) {
        return "unknown error";
    }
    return texts[status];
}
