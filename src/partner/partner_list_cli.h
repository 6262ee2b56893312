/* The list's filter on the command line. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_LIST_CLI_H
#define SRC_PARTNER_PARTNER_LIST_CLI_H

#include "src/core/command.h"
#include "src/partner/partner.h"

/* The options of a filter, for a command; the one for the manager by the name given. */
#define PARTNER_FILTER_OPTIONS(manager_)                                                        \
    {"search", CLI_TEXT, "WORDS", "words that begin words of names, domains, contacts, ids",    \
     false},                                                                                    \
        {(manager_), CLI_TEXT, "USER", "managed by: mail address, name or id", false},          \
        {"status", CLI_TEXT, "STATUS", "prospect, onboarding, active, suspended, ended", true}, \
        {"country", CLI_TEXT, "COUNTRY", "code or English name", false},                        \
        {"product", CLI_TEXT, "PRODUCT", "carries it: id, code or name", false},                \
        {"tag", CLI_TEXT, "TAG", "has this tag", false},                                        \
        {"tier", CLI_TEXT, "TIER", "has this tier", false},                                     \
        {"parent", CLI_TEXT, "PARTNER", "stands directly below it", false},                     \
        {"without-contact", CLI_FLAG, NULL, "has no contact", false},                           \
    {                                                                                           \
        "archived", CLI_TEXT, "WHICH", "no (default), only or all", false                       \
    }

/* Whether any of these options was given. `manager`: the name of the option for it. */
bool partner_filter_given(const struct cli_args *args, const char *manager);
MUST_CHECK enum err partner_filter_from_args(struct ctx *ctx, const struct cli_args *args,
                                             const char *manager,
                                             struct partner_filter *ret_filter);

#endif
