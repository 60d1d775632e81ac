/* What spawn starts for the price of a process with the libraries of an audio worker: the dynamic
 * linker has loaded and initialised them before main() says that it runs.  One call into each keeps
 * the linker from leaving it out. */
#include <fftw3.h>
#include <lo/lo.h>
#include <portaudio.h>
#include <sndfile.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const int ready = argc == 2 ? atoi(argv[1]) : -1;
    lo_message message = lo_message_new();
    const int there = message != NULL && Pa_GetVersion() > 0 && sf_version_string() != NULL &&
                      fftwf_alignment_of(NULL) == 0;
    lo_message_free(message);
    _exit(there && write(ready, "r", 1) == 1 ? 0 : 1);
}
