/* The filter that answers at once: of the same loudness at all frequencies as another, but as early
 * as a filter can be. */
#ifndef SY_DSP_VCO_MINIMUM_H
#define SY_DSP_VCO_MINIMUM_H

#define SY_MINIMUM_GRID   32 /* values a frame */
#define SY_MINIMUM_FRAMES 32

/* Replaces an impulse response of SY_MINIMUM_FRAMES frames by that of the minimum-phase filter with
 * the same amplitudes. `h`: [SY_MINIMUM_FRAMES * SY_MINIMUM_GRID]; h[i] at i / SY_MINIMUM_GRID
 * frames. Thread: setup, one at a time.  RT: no (10 ms). */
void sy_minimum_phase(double *h);

/* How many frames late the response is at low frequencies. */
double sy_minimum_delay(const double *h);

/* Between the values: the polynomial of degree 7 through the 8 around `frame`. */
double sy_minimum_at(const double *h, double frame);

#endif
