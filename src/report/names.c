/*
 * report/names: the words that stand in every output for kinds of reasons and for severities.
 */
#include "logdetect/report.h"

const char *lgd_factor_kind_name(lgd_factor_kind kind) {
    static const char *const names[LGD_FACTOR_KINDS] = {
        [LGD_NEW_TEMPLATE] = "NEW_TEMPLATE",
        [LGD_RARE_TEMPLATE] = "RARE_TEMPLATE",
        [LGD_UNUSUAL_TIME] = "UNUSUAL_TIME",
        [LGD_BURST] = "BURST",
        [LGD_SILENCE] = "SILENCE",
        [LGD_SEQUENCE] = "SEQUENCE",
        [LGD_COUNT] = "COUNT",
        [LGD_LEVEL_RATIO] = "LEVEL_RATIO",
        [LGD_NEW_VALUE] = "NEW_VALUE",
        [LGD_RARE_VALUE] = "RARE_VALUE",
        [LGD_NUMERIC_RANGE] = "NUMERIC_RANGE",
        [LGD_LENGTH] = "LENGTH",
        [LGD_LINE] = "LINE",
    };
    return kind < LGD_FACTOR_KINDS ? names[kind] : "UNKNOWN";
}

const char *lgd_change_kind_name(lgd_change_kind kind) {
    static const char *const names[LGD_CHANGE_KINDS] = {"none", "new", "gone", "more", "less"};
    return kind < LGD_CHANGE_KINDS ? names[kind] : "none";
}

const char *lgd_fit_name(lgd_fit fit) {
    static const char *const names[] = {"fit", "drifting", "unfit"};
    return (size_t)fit < sizeof names / sizeof names[0] ? names[fit] : "unknown";
}

const char *lgd_severity_name(lgd_severity s) {
    static const char *const names[] = {"low", "medium", "high", "critical"};
    return (size_t)s < sizeof names / sizeof names[0] ? names[s] : "unknown";
}
