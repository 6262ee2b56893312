/* Fuzzes the parser of answers: no byte of a message is believed. What it takes keeps its limits,
 * and its names can be asked for again or are refused. */
#include <stdlib.h>

#include "lib/dns/message.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, ESCAPED_MAX = 4 * DNS_NAME_BYTES_MAX };

static void check(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_name(struct str name, struct arena *arena)
{
    uint8_t bytes[DNS_QUERY_BYTES_MAX];
    struct dns_query query = {.name = name, .type = DNS_TYPE_NS, .edns = true};
    check(name.len < ESCAPED_MAX);
    check(dns_name_is_within(name, STR("")) && dns_name_is_within(name, name));
    check(dns_query_render(&query, bytes) <= sizeof(bytes));
    check(dns_name_for_people(name, arena).len <= ESCAPED_MAX * 4);
}

static void check_record(const struct dns_record *record, struct arena *arena)
{
    check_name(record->name, arena);
    check_name(record->target, arena);
    check_name(record->soa.mname, arena);
    check(record->text.len <= DNS_TEXT_BYTES_MAX);
    if (record->address.family)
        check(dns_address_text(&record->address, arena).len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct dns_message message;
    struct dns_address address;
    struct str text = {(const char *)data, size}, name;
    arena_init(&arena, ARENA_BYTES);
    if (dns_message_parse(text, &arena, &message)) {
        check(message.count <= DNS_RECORDS_MAX);
        check_name(message.question, &arena);
        for (size_t i = 0; i < message.count; i++)
            check_record(&message.records[i], &arena);
    }
    if (dns_name_parse(text, &arena, &name))
        check_name(name, &arena);
    if (dns_address_parse(text, DNS_PORT, &address))
        check(address.port > 0 && dns_address_text(&address, &arena).len > 0);
    check(!arena_failed(&arena));
    arena_finish(&arena);
    return 0;
}
