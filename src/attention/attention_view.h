/* How attention looks in JSON. Private to src/attention. */
#ifndef SRC_ATTENTION_ATTENTION_VIEW_H
#define SRC_ATTENTION_ATTENTION_VIEW_H

#include "lib/json/json.h"
#include "src/attention/attention.h"
#include "src/core/form.h"

extern const struct schema attention_item_schema, attention_summary_schema;

void attention_item_render(struct ctx *ctx, const struct attention_basis *basis,
                           const struct attention_item *item, struct json_writer *writer);
void attention_summary_render(const struct attention_summary *summary, struct json_writer *writer);

#endif
