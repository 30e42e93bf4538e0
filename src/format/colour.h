/* colour: terminal control sequences are no part of what a line says. */
#ifndef LGD_FORMAT_COLOUR_H
#define LGD_FORMAT_COLOUR_H

#include "logdetect/base.h"

/* *ret_plain is the line without its control sequences: the line itself where it has none or nothing else, else a copy
 * in the arena. False: no memory. Pure but for the arena; one memchr for a line without an escape, else O(length). */
bool colour_strip(lgd_sv line, lgd_arena *arena, lgd_sv *ret_plain);

#endif
