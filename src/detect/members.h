/* Private to detect: the members, one file each. A new one is a file, a line here and a row in members.c. */
#ifndef LGD_DETECT_MEMBERS_H
#define LGD_DETECT_MEMBERS_H

#include "logdetect/detect.h"

extern const lgd_member lgd_iforest;
extern const lgd_member lgd_novelty;

/* calibrate.c: in the model file. */
void calibration_save(const lgd_calibration *c, lgd_buf *out);
lgd_status calibration_load(lgd_cursor *c, lgd_calibration *ret, lgd_err *err);

/* By name, or NULL. */
const lgd_member *member_find(lgd_sv name);

#endif
