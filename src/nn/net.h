/* Private to nn: pieces of the saved form that networks and checkpoints share. */
#ifndef LGD_NN_NET_H
#define LGD_NN_NET_H

#include "logdetect/nn.h"

/* With all weights 0. */
lgd_status net_alloc(const lgd_net_shape *shape, lgd_net **ret, lgd_err *err);
void net_put_shape(const lgd_net_shape *s, lgd_buf *out);
void net_get_shape(lgd_cursor *c, lgd_net_shape *ret);
void net_put_numbers(const lgd_real *x, size_t n, lgd_buf *out);
void net_get_numbers(lgd_cursor *c, lgd_real *x, size_t n); /* not finite ones turn it bad */

#endif
