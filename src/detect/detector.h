/* Private to detect: the ensemble's state, shared by fitting, scoring and the saved form. */
#ifndef LGD_DETECT_DETECTOR_H
#define LGD_DETECT_DETECTOR_H

#include "members.h"

enum { BATCH = 1024 };

typedef struct seat {
    const lgd_member *member;
    void *state;
    lgd_calibration calibration;
    double weight; /* 0: default ensemble */
} seat;

struct lgd_detector {
    seat seats[LGD_MAX_MEMBERS];
    size_t n;
    bool weighted;
    double weight_sum;
    lgd_calibration calibration;
    uint64_t fit_rows;
};

/* S of one set of member bits. */
double detector_combine(const lgd_detector *d, const double *bits);
/* A member's score in bits. */
double detector_member_bits(const seat *x, double score);

#endif
