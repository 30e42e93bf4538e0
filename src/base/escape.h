/* Private to base: what the terminal and the JSON writer share. */
#ifndef LGD_BASE_ESCAPE_H
#define LGD_BASE_ESCAPE_H

#include "logdetect/base.h"

size_t lgd_utf8_decode(lgd_sv s, uint32_t *ret);

#endif
