/* The life of an import: names of its states, and the table of moves. */
#include "src/intake/intake.h"

static const char *const names[IMPORT_STATE_COUNT] = {
    [IMPORT_OPEN] = "open",       [IMPORT_QUEUED] = "queued", [IMPORT_APPLYING] = "applying",
    [IMPORT_APPLIED] = "applied", [IMPORT_FAILED] = "failed", [IMPORT_CANCELLED] = "cancelled",
    [IMPORT_UNDOING] = "undoing", [IMPORT_UNDONE] = "undone", [IMPORT_DISCARDED] = "discarded",
};

#define TO(state) (1U << (unsigned)(state))

/* Bits of the states that each may become. */
static const unsigned moves[IMPORT_STATE_COUNT] = {
    [IMPORT_OPEN] = TO(IMPORT_QUEUED) | TO(IMPORT_APPLYING) | TO(IMPORT_DISCARDED),
    [IMPORT_QUEUED] = TO(IMPORT_APPLYING) | TO(IMPORT_CANCELLED) | TO(IMPORT_FAILED),
    [IMPORT_APPLYING] = TO(IMPORT_APPLIED) | TO(IMPORT_FAILED) | TO(IMPORT_CANCELLED),
    [IMPORT_APPLIED] = TO(IMPORT_UNDOING),
    [IMPORT_FAILED] = TO(IMPORT_QUEUED) | TO(IMPORT_APPLYING) | TO(IMPORT_UNDOING),
    [IMPORT_CANCELLED] = TO(IMPORT_QUEUED) | TO(IMPORT_APPLYING) | TO(IMPORT_UNDOING),
    [IMPORT_UNDOING] = TO(IMPORT_UNDONE),
};

const char *import_state_name(enum import_state state)
{
    return names[state];
}

bool import_state_parse(struct str name, enum import_state *ret_state)
{
    for (enum import_state state = 0; state < IMPORT_STATE_COUNT; state++) {
        if (!str_equal(name, str_from_c(names[state])))
            continue;
        *ret_state = state;
        return true;
    }
    return false;
}

bool import_state_may_become(enum import_state from, enum import_state to)
{
    return (moves[from] & TO(to)) != 0;
}

int64_t import_rows_total(const struct import_rows *rows)
{
    return rows->created + rows->updated + rows->unchanged + rows->skipped + rows->unassigned +
           rows->refused;
}
