/*
 * layout: where the bytes of a model file stand. Written by container.c, checked by reader.c.
 *
 *     0  magic            8
 *     8  format version   4
 *    12  endianness mark  4
 *    16  sections         4
 *    20  crc              4   CRC-32C of bytes 0..19 and of the table
 *    24  table           32 for each section: id 8 (padded with zeros), version 4, crc 4, offset 8, length 8
 *        sections, one right behind the other in the order of the table, to the end of the file
 */
#ifndef LGD_MODEL_LAYOUT_H
#define LGD_MODEL_LAYOUT_H

#include "logdetect/model.h"

#define LGD_MODEL_MAGIC       "LGDMODEL"
#define LGD_MODEL_MARK        UINT32_C(0x01020304)
#define LGD_MODEL_OTHER_MARK  UINT32_C(0x04030201)
#define LGD_MODEL_FILE_NAME   "model.lgd"
#define LGD_MODEL_MAGIC_BYTES ((size_t)8)
#define LGD_MODEL_CRC_AT      ((size_t)20)
#define LGD_MODEL_HEAD_BYTES  ((size_t)24)
#define LGD_MODEL_ROW_BYTES   ((size_t)32)
#define LGD_MODEL_ID_BYTES    ((size_t)8)

/* 1..8 characters [a-z], the rest zeros. */
bool lgd_model_id_valid(const char id[LGD_MODEL_ID_BYTES]);

#endif
