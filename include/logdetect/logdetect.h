/*
 * logdetect: the library behind the program. Read the headers in this order; it is the way of the data.
 */
#ifndef LOGDETECT_H
#define LOGDETECT_H

#include "logdetect/allow.h"    /* what a user has marked as normal */
#include "logdetect/base.h"     /* status, memory, strings, hashing, random numbers, JSON, threads */
#include "logdetect/compute.h"  /* arithmetic on arrays: plain C, OpenBLAS, a GPU */
#include "logdetect/config.h"   /* what a user can set */
#include "logdetect/detect.h"   /* columns -> calibrated surprise */
#include "logdetect/eval.h"     /* labels, scores, and how well they agree */
#include "logdetect/event.h"    /* record, header, template id */
#include "logdetect/feature.h"  /* events -> columns */
#include "logdetect/finding.h"  /* verdicts, findings, incidents as shapes */
#include "logdetect/format.h"   /* record -> header and message */
#include "logdetect/incident.h" /* anomalies -> incidents with reasons */
#include "logdetect/input.h"    /* bytes -> records */
#include "logdetect/model.h"    /* the file that training leaves behind */
#include "logdetect/nn.h"       /* a recurrent network and its training */
#include "logdetect/pipeline.h" /* the stages wired together */
#include "logdetect/recipe.h"   /* what a model is made of */
#include "logdetect/regex.h"    /* patterns that people write */
#include "logdetect/report.h"   /* findings -> text, JSON, CSV */
#include "logdetect/rhythm.h"   /* how often each template comes, and when that changes */
#include "logdetect/template.h" /* message -> template and parameters */
#include "logdetect/yaml.h"     /* files that people write, as a tree */

#define LGD_VERSION "0.1.0"

#endif
