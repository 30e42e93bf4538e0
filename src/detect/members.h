/* Private to detect: the members, one file each. A new one is a file, a line here and a row in members.c. */
#ifndef LGD_DETECT_MEMBERS_H
#define LGD_DETECT_MEMBERS_H

#include "logdetect/detect.h"

extern const lgd_member lgd_iforest;
extern const lgd_member lgd_novelty;

/* By name, or NULL. */
const lgd_member *member_find(lgd_sv name);

#endif
