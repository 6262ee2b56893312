/* What the references in files stand for, looked up once in a run. */
#include "src/intake/put.h"
#include "src/intake/unassigned_store.h"

#include "lib/base/map.h"
#include "lib/norm/norm.h"

struct references {
    struct arena *arena;
    uint64_t seed;
    struct str system, source; /* those of the maps */
    struct map partners, products, contacts, orders, seen;
    struct map names; /* of a preview's new partners, as partner_find compares them */
    int64_t created;  /* partners */
    bool knows_unassigned, any_unassigned; /* of the system or source, before this run */
};

static void start_maps(struct references *references)
{
    map_init(&references->partners, references->arena, references->seed);
    map_init(&references->products, references->arena, references->seed);
    map_init(&references->contacts, references->arena, references->seed);
    map_init(&references->orders, references->arena, references->seed);
}

struct references *references_new(struct arena *arena, uint64_t seed)
{
    struct references *references = ARENA_NEW(arena, struct references);
    references->arena = arena;
    references->seed = seed;
    start_maps(references);
    map_init(&references->seen, arena, seed);
    map_init(&references->names, arena, seed);
    return references;
}

/* The maps are those of one system and source: files of another start anew. */
static struct references *open_maps(struct put *put)
{
    struct references *references = put->references;
    if (str_equal(references->system, put->system) && str_equal(references->source, put->source))
        return references;
    references->system = arena_str(references->arena, put->system);
    references->source = arena_str(references->arena, put->source);
    references->knows_unassigned = false;
    start_maps(references);
    return references;
}

static void set_known(struct references *references, struct map *map, struct str text,
                      struct known known)
{
    struct known *slot = map_find(map, text);
    if (!slot) {
        slot = ARENA_NEW(references->arena, struct known);
        map_put(map, arena_str(references->arena, text), slot);
    }
    *slot = known;
}

/* Absent is no fault here. */
static enum err forgive(struct ctx *ctx, enum err err, bool *ret_found)
{
    *ret_found = err == OK;
    if (err != OK && !put_is_row_fault(err))
        return err;
    fault_clear(&ctx->fault);
    return OK;
}

/* ---- partners ---- */

static void look_among_new(struct put *put, struct str text, struct known *known)
{
    const struct known *added =
        map_find(&put->references->names, company_key(text, put->ctx->arena));
    if (added)
        *known = *added;
}

static enum err look_partner_up(struct put *put, struct str text, struct known *ret_known)
{
    struct partner_id id = {0};
    struct external_id external = {put->system, text};
    bool found;
    TRY(forgive(put->ctx, partner_find_external(put->ctx, external, &id), &found));
    if (!found) {
        TRY(owner_store_get(put->ctx, put->system, text, &id));
        found = partner_id_is_set(id);
    }
    if (!found)
        TRY(forgive(put->ctx, partner_find_exactly(put->ctx, text, &id), &found));
    *ret_known = (struct known){.state = found ? KNOWN_REAL : KNOWN_NOBODY, .id = id.v};
    if (!found) {
        ret_known->id = 0;
        look_among_new(put, text, ret_known);
    }
    return OK;
}

enum err references_partner(struct put *put, struct str text, struct known *ret_known)
{
    struct references *references = open_maps(put);
    const struct known *known = map_find(&references->partners, text);
    if (known && (known->state != KNOWN_NOBODY || known->partners == references->created)) {
        *ret_known = *known;
        return OK;
    }
    TRY(look_partner_up(put, text, ret_known));
    ret_known->partners = references->created;
    set_known(references, &references->partners, text, *ret_known);
    return OK;
}

void references_add_partner(struct put *put, struct str name, struct known known)
{
    struct references *references = open_maps(put);
    references->created++;
    if (!put->writes)
        set_known(references, &references->names, company_key(name, put->ctx->arena), known);
}

void references_set_partner(struct put *put, struct str text, struct known known)
{
    struct references *references = open_maps(put);
    set_known(references, &references->partners, text, known);
}

/* ---- products ---- */

static enum err create_product(struct put *put, struct str text, struct known *ret_known)
{
    static const struct mapping_record rule = {.make = MAKE_PRODUCT};
    struct product_draft draft = {.name = text};
    struct external_id external = {put->system, text};
    struct product_saved saved;
    *ret_known = (struct known){.state = KNOWN_NEW};
    tally_record(put->tally, &rule, OUTCOME_CREATED);
    if (!put->writes)
        return OK;
    TRY(product_save(put->ctx, &draft, external, &saved));
    *ret_known = (struct known){.state = KNOWN_REAL, .id = saved.product.id.v};
    return put_note_created(put, "product", saved.product.id.v);
}

/* A product that an undo archived comes back when a file names it. */
static enum err revive_product(struct put *put, struct product_id id)
{
    static const struct mapping_record rule = {.make = MAKE_PRODUCT};
    bool undone;
    TRY(put_is_undone(put, "product", id.v, &undone));
    if (!undone)
        return OK;
    tally_record(put->tally, &rule, OUTCOME_CREATED);
    if (put->writes)
        TRY(product_restore(put->ctx, id, 0));
    return put_note_revived(put, "product", id.v);
}

static enum err look_product_up(struct put *put, struct str text, struct known *ret_known)
{
    struct product_id id = {0};
    struct external_id external = {put->system, text};
    bool found;
    TRY(forgive(put->ctx, product_find_external(put->ctx, external, &id), &found));
    if (!found)
        TRY(forgive(put->ctx, product_find(put->ctx, text, &id), &found));
    *ret_known = (struct known){.state = KNOWN_REAL, .id = id.v};
    return found ? revive_product(put, id) : create_product(put, text, ret_known);
}

enum err references_product(struct put *put, struct str text, struct known *ret_known)
{
    struct references *references = open_maps(put);
    const struct known *known = map_find(&references->products, text);
    if (known) {
        *ret_known = *known;
        return OK;
    }
    TRY(look_product_up(put, text, ret_known));
    set_known(references, &references->products, text, *ret_known);
    return OK;
}

void references_set_product(struct put *put, struct str text, struct known known)
{
    struct references *references = open_maps(put);
    set_known(references, &references->products, text, known);
}

/* ---- contacts ---- */

enum err references_contact(struct put *put, struct str text, struct contact_id *ret_contact)
{
    struct references *references = open_maps(put);
    struct external_id external = {put->system, text};
    struct known *known = map_find(&references->contacts, text);
    struct contact contact = {.id = {0}};
    bool found;
    if (!known) {
        TRY(forgive(put->ctx, contact_find_external(put->ctx, external, &contact), &found));
        struct known looked_up = {.state = found ? KNOWN_REAL : KNOWN_NOBODY,
                                  .id = found ? contact.id.v : 0};
        set_known(references, &references->contacts, text, looked_up);
        known = map_find(&references->contacts, text);
    }
    *ret_contact = (struct contact_id){known->id};
    return OK;
}

/* ---- orders ---- */

void references_set_order(struct put *put, struct str text, const struct known_order *order)
{
    struct references *references = open_maps(put);
    struct known_order *slot = ARENA_NEW(references->arena, struct known_order);
    *slot = *order;
    slot->owner = arena_str(references->arena, order->owner);
    map_put(&references->orders, arena_str(references->arena, text), slot);
}

static enum err look_order_up(struct put *put, struct str text, struct known_order *ret_order)
{
    struct fact fact;
    struct unassigned row;
    bool found;
    *ret_order = (struct known_order){.found = false};
    TRY(ledger_find(put->ctx, put->source, text, &fact, &found));
    if (found && fact.kind == FACT_ORDER) {
        *ret_order = (struct known_order){.found = true,
                                          .partner = {.state = KNOWN_REAL, .id = fact.partner.v},
                                          .at_ms = fact.at_ms};
        return OK;
    }
    TRY(unassigned_store_find(put->ctx, put->source, STR("order"), text, &row));
    if (row.id)
        *ret_order =
            (struct known_order){.found = true, .owner = row.owner, .at_ms = row.draft.at_ms};
    return OK;
}

enum err references_order(struct put *put, struct str text, struct known_order *ret_order)
{
    struct references *references = open_maps(put);
    const struct known_order *known = map_find(&references->orders, text);
    if (!known) {
        struct known_order order;
        TRY(look_order_up(put, text, &order));
        references_set_order(put, text, &order);
        known = map_find(&references->orders, text);
    }
    *ret_order = *known;
    return OK;
}

/* ---- what belonged to nobody ---- */

/* Mostly there is nothing: then no fact needs a look. A row is never kept and made in one run. */
static enum err look_for_unassigned(struct put *put, struct references *references)
{
    bool by_source, by_system;
    if (references->knows_unassigned)
        return OK;
    TRY(unassigned_store_any(put->ctx, put->source, &by_source));
    TRY(unassigned_store_any(put->ctx, put->system, &by_system));
    references->any_unassigned = by_source || by_system;
    references->knows_unassigned = true;
    return OK;
}

enum err references_found_owner(struct put *put, struct str source, struct str entity,
                                struct str external_id)
{
    struct references *references = open_maps(put);
    if (!put->writes)
        return OK;
    TRY(look_for_unassigned(put, references));
    return references->any_unassigned
               ? unassigned_store_delete_key(put->ctx, source, entity, external_id)
               : OK;
}

/* ---- what a preview met ---- */

enum seen references_seen(struct put *put, struct str key, struct str content)
{
    struct references *references = put->references;
    uint64_t hash = hash_bytes(content, references->seed) | 1;
    const uint64_t *before = map_find(&references->seen, key);
    if (before)
        return *before == hash ? SEEN_SAME : SEEN_OTHER;
    uint64_t *slot = ARENA_NEW(references->arena, uint64_t);
    *slot = hash;
    map_put(&references->seen, arena_str(references->arena, key), slot);
    return SEEN_NEVER;
}
