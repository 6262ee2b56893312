/* The body of POST /api/v1/facts. Private to src/ledger. */
#ifndef SRC_LEDGER_FACT_STREAM_API_H
#define SRC_LEDGER_FACT_STREAM_API_H

#include "src/core/route.h"

extern const struct piece_handler fact_stream;

#endif
