/*
 * stitch: which physical lines belong to the record before them.
 */
#ifndef LGD_INPUT_STITCH_H
#define LGD_INPUT_STITCH_H

#include "logdetect/input.h"

/* lgd_line_continues with the indentation rule switched by `indent`; frames of a trace continue either way. */
bool lgd_stitch(lgd_sv line, bool indent, bool *in_trace);
/* From the start of a file: is indentation rare enough to mean continuation there? */
bool lgd_stitch_indent(lgd_sv sample);
bool lgd_blank(lgd_sv line); /* nothing but white space */

#endif
