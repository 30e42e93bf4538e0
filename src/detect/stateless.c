/*
 * detect/stateless: what members do that learn nothing beside their calibration, because their columns are learned already.
 */
#include "members.h"

lgd_status stateless_fit(const lgd_matrix *rows, const lgd_fit_options *o, void **ret_state, lgd_err *err) {
    (void)rows;
    (void)o;
    (void)err;
    *ret_state = NULL;
    return LGD_OK;
}

void stateless_save(const void *state, lgd_buf *out) {
    (void)state;
    (void)out;
}

lgd_status stateless_load(lgd_sv bytes, void **ret_state, lgd_err *err) {
    if (bytes.n)
        return lgd_fail(err, LGD_E_DAMAGED, "detector: %zu bytes of state for a member that has none", bytes.n);
    *ret_state = NULL;
    return LGD_OK;
}

void stateless_release(void *state) { (void)state; }
