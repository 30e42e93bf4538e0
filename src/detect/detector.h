/* Private to detect: the ensemble's state, shared by fitting, scoring and the saved form. */
#ifndef LGD_DETECT_DETECTOR_H
#define LGD_DETECT_DETECTOR_H

#include "members.h"

enum { MAX_MEMBERS = 8, BATCH = 4096 };

typedef struct seat {
    const lgd_member *member;
    void *state;
    lgd_calibration calibration;
    double weight; /* 0: default ensemble */
} seat;

struct lgd_detector {
    seat seats[MAX_MEMBERS];
    size_t n;
    bool weighted;
    double weight_sum;
    lgd_calibration calibration;
    uint64_t fit_rows;
};

/* S of one set of member bits. */
double detector_combine(const lgd_detector *d, const double *bits);
/* S, not yet calibrated, of rows [begin, end). */
lgd_status detector_score_raw(const lgd_detector *d, const lgd_matrix *rows, size_t begin, size_t end, float *ret,
                              lgd_err *err);

#endif
