/*
 * nn/gradient: loss and gradient of a set of windows in one go, for checks by differences and between backends.
 */
#include "pass.h"

static double total_weight(const lgd_windows *w, size_t steps) {
    double total = 0;
    for (size_t i = 0; i < w->n; i++)
        for (size_t t = 0; t < steps; t++)
            if (w->targets[i * steps + t] >= 0) total += w->weights ? (double)w->weights[i] : 1;
    return total;
}

lgd_status lgd_net_gradient(const lgd_net *net, lgd_compute *c, const lgd_windows *w, lgd_real *grads, double *ret_loss,
                            lgd_err *err) {
    pass p = {0};
    lgd_real loss = 0, *params = c->backend->alloc(c, net->n_params * sizeof *params);
    if (!params) return lgd_fail_memory(err, net->n_params * sizeof *params);
    lgd_net plain = *net;
    plain.shape.dropout = 0;
    lgd_status status = pass_init(&p, c, &plain, w->n, true, err);
    if (status == LGD_OK) {
        c->backend->put(c, params, net->params, net->n_params * sizeof *params);
        pass_fill(&p, &(pass_batch){.windows = w, .n = w->n, .scale = 1 / total_weight(w, net->shape.steps)});
        pass_train(&p, params);
        c->backend->get(c, grads, p.grads, net->n_params * sizeof *grads);
        c->backend->get(c, &loss, p.loss_sum, sizeof loss);
        status = c->backend->finish(c, err);
    }
    pass_release(&p);
    c->backend->free(c, params);
    if (status == LGD_OK) *ret_loss = (double)loss;
    return status;
}
