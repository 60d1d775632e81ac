/* Figures as people read them. */
#ifndef SY_BENCH_FIGURE_H
#define SY_BENCH_FIGURE_H

#define SY_FIGURE_TEXT 16

/* Three digits and a unit that suits: "12.3 us"; "-" for NAN.  Thread: any.  RT: no. */
void sy_figure_duration(char text[SY_FIGURE_TEXT], double ns);

/* Three digits, or all there are before the point; "-" for NAN. */
void sy_figure_number(char text[SY_FIGURE_TEXT], double value);

#endif
