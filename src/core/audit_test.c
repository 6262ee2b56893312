/* Tests of the history. */
#include "src/core/audit.h"

#include "lib/json/json.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

/* One entry to be written. */
struct entry {
    struct audit_subject subject;
    const char *action, *old_phone, *new_phone;
};

static enum err write_entry(struct ctx *ctx, void *arg)
{
    const struct entry *entry = arg;
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "phone", str_from_c(entry->old_phone),
                       str_from_c(entry->new_phone));
    audit_changed_text(&changes, "city", STR("Wien"), STR("Wien"));
    audit_changed_int(&changes, "seats", 1, 2);
    CHECK_INT(2, changes.count);
    return audit_record(ctx, entry->subject, entry->action, &changes);
}

static void record(struct world *world, int64_t subject, int64_t partner, const char *action)
{
    struct entry entry = {{"contact", subject, {partner}}, action, "+431\"1", "+432"};
    CHECK_OK(ctx_write(world_as(world, ROLE_MANAGER), write_entry, &entry));
}

/* A page to be read. */
struct asking {
    struct partner_id partner;
    struct page page;
    struct audit_page found;
};

static enum err read_page(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return audit_list(ctx, asking->partner, &asking->page, &asking->found);
}

static void list(struct world *world, struct asking *asking)
{
    CHECK_OK(ctx_read(world_as(world, ROLE_ADMIN), read_page, asking));
}

TEST(audit_record, keeps_who_when_and_only_what_differs)
{
    struct world world;
    world_open(&world);
    record(&world, 7, 5, "changed");
    struct asking asking = {.partner = {5}, .page = {.limit = 10}};
    list(&world, &asking);
    CHECK_INT(1, asking.found.count);
    const struct audit_entry *entry = &asking.found.rows[0];
    CHECK_INT(WORLD_START_MS, entry->at_ms);
    CHECK_STR(WORLD_MANAGER_EMAIL, entry->actor);
    CHECK(user_id_equal(world.manager, entry->user));
    CHECK_STR("contact", entry->subject_type);
    CHECK_INT(7, entry->subject_id);
    CHECK_STR("changed", entry->action);
    CHECK_STR(
        "{\"phone\":{\"old\":\"+431\\\"1\",\"new\":\"+432\"},\"seats\":{\"old\":1,\"new\":2}}",
        entry->changes_json);
    world_close(&world);
}

TEST(audit_list, gives_pages_newest_first_of_one_partner_or_all)
{
    struct world world;
    world_open(&world);
    for (int i = 1; i <= 5; i++)
        record(&world, i, i % 2 ? 5 : 6, "changed");
    struct asking first = {.partner = {5}, .page = {.limit = 2}};
    list(&world, &first);
    CHECK_INT(2, first.found.count);
    CHECK_INT(5, first.found.rows[0].subject_id);
    CHECK_INT(3, first.found.rows[1].subject_id);
    CHECK(first.found.next.len > 0);
    struct asking second = {
        .partner = {5},
        .page = {.limit = 2, .has_cursor = true, .after_id = first.found.rows[1].id.v}};
    list(&world, &second);
    CHECK_INT(1, second.found.count);
    CHECK_INT(1, second.found.rows[0].subject_id);
    CHECK_INT(0, second.found.next.len);
    struct asking all = {.page = {.limit = 10}};
    list(&world, &all);
    CHECK_INT(5, all.found.count);
    world_close(&world);
}

static enum err erase(struct ctx *ctx, void *arg)
{
    const int64_t *subject = arg;
    return audit_erase_values(ctx, "contact", *subject);
}

TEST(audit_erase_values, removes_values_and_keeps_who_when_and_which_fields)
{
    struct world world;
    int64_t erased = 7;
    world_open(&world);
    record(&world, erased, 5, "created");
    record(&world, 8, 5, "created");
    record(&world, erased, 5, "changed");
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), erase, &erased));
    struct asking asking = {.partner = {5}, .page = {.limit = 10}};
    list(&world, &asking);
    CHECK_INT(3, asking.found.count);
    for (size_t i = 0; i < asking.found.count; i++) {
        const struct audit_entry *entry = &asking.found.rows[i];
        bool has_value = str_find(entry->changes_json, STR("+432"), NULL);
        CHECK(has_value == (entry->subject_id == 8));
        CHECK(str_find(entry->changes_json, STR("\"phone\":"), NULL));
        CHECK_STR(WORLD_MANAGER_EMAIL, entry->actor);
    }
    world_close(&world);
}

TEST(audit_render, prints_typed_ids_and_the_changes_as_json)
{
    struct world world;
    struct buf buf;
    struct json_writer writer;
    struct json_doc *doc;
    world_open(&world);
    record(&world, 7, 5, "changed");
    struct asking asking = {.page = {.limit = 1}};
    list(&world, &asking);
    buf_init(&buf, &world.arena, 4096);
    json_writer_init(&writer, &buf);
    audit_render(&asking.found.rows[0], &writer);
    CHECK_OK(json_parse(buf_str(&buf), &doc, NULL));
    const struct json *entry = json_root(doc);
    CHECK(str_starts_with(json_text(json_get(entry, "id")), STR("aud_")));
    CHECK_STR("con_0000000000007", json_text(json_get(entry, "subject_id")));
    CHECK_STR("2024-05-15T12:00:00.000Z", json_text(json_get(entry, "at")));
    CHECK_INT(2, json_count(json_get(entry, "changes")));
    json_doc_free(doc);
    world_close(&world);
}
