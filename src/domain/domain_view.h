/* How domains look in JSON and in words, and the schemas that describe it. Private to src/domain.
 */
#ifndef SRC_DOMAIN_DOMAIN_VIEW_H
#define SRC_DOMAIN_DOMAIN_VIEW_H

#include "lib/json/json.h"
#include "src/domain/domain.h"

/* "out of step": for a sentence. */
const char *domain_verdict_words(enum domain_verdict verdict);
struct str domain_roots_text(const struct domain_settings *settings, struct arena *arena);

void domain_finding_render(const struct domain_finding *finding, struct json_writer *writer);
/* `proof` may be NULL: it is not shown. */
void domain_state_render(const struct domain_state *state, const struct domain_proof *proof,
                         struct json_writer *writer);
void domain_row_render(const struct domain_state *state, struct json_writer *writer);
void domain_summary_render(const struct domain_summary *summary, struct json_writer *writer);
void domain_proof_render(const struct domain_proof *proof, struct json_writer *writer);
void domain_settings_render(const struct domain_settings *settings, struct json_writer *writer);
void domain_run_render(const struct domain_run *run, struct json_writer *writer);

struct schema;
extern const struct schema domain_check_schema, domain_state_schema, domain_row_schema,
    domain_summary_schema, domain_change_schema, domain_proof_schema, domain_settings_schema,
    domain_run_schema;

#endif
