/*
 * pipeline/check: is a model still fit for a log? A scan whose report is about the model: every event is scored as ever,
 * findings are told to nobody, and the summary's fitness is what is printed.
 */
#include "scan.h"

lgd_status lgd_model_check(const lgd_config *config, const lgd_world *world, lgd_sink sink, lgd_outcome *ret_outcome,
                           lgd_err *err) {
    return scan_run(config, world, (scan_purpose){.sink = sink, .is_check = true}, ret_outcome, err);
}
