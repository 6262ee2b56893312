/* The verdict of what was found, and what follows from it over time. */
#include "src/domain/domain_rules.h"

#include "lib/base/time.h"
#include "tests/support/test.h"

/* 2024-05-15T12:00:00Z */
#define NOW_MS INT64_C(1715774400000)

struct stage {
    struct arena arena;
    struct domain_finding finding;
};

/* Two servers that are as they should be. */
static void open_stage(struct stage *stage)
{
    arena_init(&stage->arena, 1024 * 1024);
    stage->finding = (struct domain_finding){
        .domain = STR("shop.test"),
        .checked_ms = NOW_MS,
        .parent = STR("test"),
        .has_soa = true,
        .mname = STR("ns1.shop.test"),
        .serial = 7,
        .refresh_s = 3600,
        .server_count = 2,
    };
    static const char *const names[] = {"ns1.shop.test", "ns2.shop.test"};
    for (size_t i = 0; i < 2; i++)
        stage->finding.servers[i] =
            (struct domain_server){.name = str_from_c(names[i]),
                                   .address = i ? STR("192.0.2.2") : STR("192.0.2.1"),
                                   .above = true,
                                   .own = true,
                                   .state = DOMAIN_SERVER_GOOD,
                                   .rcode_name = STR("NOERROR"),
                                   .has_soa = true,
                                   .serial = 7,
                                   .refresh_s = 3600};
}

static void close_stage(struct stage *stage)
{
    arena_finish(&stage->arena);
}

static enum domain_verdict judged(struct stage *stage)
{
    domain_judge(&stage->finding, &stage->arena);
    return stage->finding.verdict;
}

static bool has_reason(const struct stage *stage, const char *code)
{
    for (size_t i = 0; i < stage->finding.reason_count; i++)
        if (strcmp(stage->finding.reasons[i].code, code) == 0)
            return stage->finding.reasons[i].sentence.len && stage->finding.reasons[i].advice.len;
    return false;
}

TEST(domain_judge, says_healthy_without_a_reason)
{
    struct stage stage;
    open_stage(&stage);
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    CHECK_INT(0, stage.finding.reason_count);
    CHECK_STR("ns1.shop.test, ns2.shop.test", stage.finding.name_servers);
    CHECK_STR("ns1.shop.test", stage.finding.primary_dns);
    CHECK_STR("ns2.shop.test", stage.finding.secondary_dns);
    CHECK(stage.finding.servers[0].is_primary && !stage.finding.servers[1].is_primary);
    close_stage(&stage);
}

TEST(domain_judge, compares_the_record_by_name_and_by_address)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.record_primary = STR("ns1.shop.test");
    stage.finding.record_secondary = STR("192.0.2.2");
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    stage.finding.record_secondary = STR("ns.elsewhere.test");
    CHECK_INT(DOMAIN_MISMATCH, judged(&stage));
    CHECK(has_reason(&stage, "record_secondary"));
    stage.finding.record_primary = STR("ns2.shop.test");
    stage.finding.record_secondary = STR("ns1.shop.test");
    CHECK_INT(DOMAIN_MISMATCH, judged(&stage));
    CHECK(has_reason(&stage, "record_swapped"));
    close_stage(&stage);
}

TEST(domain_judge, takes_a_hidden_primary_for_one)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.mname = STR("hidden.shop.test");
    stage.finding.record_primary = STR("hidden.shop.test");
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    close_stage(&stage);
}

TEST(domain_judge, sees_that_the_zone_above_names_others)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.servers[1].own = false;
    CHECK_INT(DOMAIN_MISMATCH, judged(&stage));
    CHECK(has_reason(&stage, "delegation_differs"));
    close_stage(&stage);
}

TEST(domain_judge, waits_for_the_refresh_time_before_a_version_is_old)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.servers[1].serial = 6;
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    CHECK(has_reason(&stage, "serial_differs"));
    CHECK(stage.finding.serials_differ);
    stage.finding.differs_since_ms = NOW_MS - 3600 * MS_PER_SECOND;
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    stage.finding.differs_since_ms--;
    CHECK_INT(DOMAIN_OUT_OF_STEP, judged(&stage));
    CHECK(has_reason(&stage, "serial_stale"));
    close_stage(&stage);
}

TEST(domain_judge, reads_the_age_of_a_version_out_of_its_serial)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.servers[0].serial = 2024050102;
    stage.finding.servers[1].serial = 2024050101;
    CHECK_INT(DOMAIN_OUT_OF_STEP, judged(&stage));
    stage.finding.servers[0].serial = 2024051502; /* today, anywhere */
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    close_stage(&stage);
}

TEST(domain_judge, calls_every_listed_server_that_does_not_answer_lame)
{
    static const struct {
        enum domain_server_state state;
        const char *code;
    } rows[] = {{DOMAIN_SERVER_LAME, "server_not_authoritative"},
                {DOMAIN_SERVER_GARBLED, "server_garbled"},
                {DOMAIN_SERVER_SILENT, "server_silent"},
                {DOMAIN_SERVER_FORBIDDEN, "private_address"},
                {DOMAIN_SERVER_NO_ADDRESS, "server_no_address"}};
    struct stage stage;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        open_stage(&stage);
        stage.finding.servers[1].state = rows[i].state;
        stage.finding.servers[1].has_soa = false;
        CHECK_INT(DOMAIN_LAME, judged(&stage));
        CHECK(has_reason(&stage, rows[i].code));
        /* Of the record only, it is not the domain's fault. */
        stage.finding.servers[1].above = stage.finding.servers[1].own = false;
        stage.finding.servers[1].in_record = true;
        CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
        close_stage(&stage);
    }
}

TEST(domain_judge, tells_silence_from_not_being_there)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.servers[0].state = stage.finding.servers[1].state = DOMAIN_SERVER_SILENT;
    CHECK_INT(DOMAIN_UNREACHABLE, judged(&stage));
    CHECK(has_reason(&stage, "all_silent"));
    stage.finding.servers[0].state = DOMAIN_SERVER_FORBIDDEN;
    CHECK_INT(DOMAIN_UNREACHABLE, judged(&stage));
    CHECK(has_reason(&stage, "private_address"));
    stage.finding.delegation = DOMAIN_NO_PARENT;
    CHECK_INT(DOMAIN_UNREACHABLE, judged(&stage));
    stage.finding.delegation = DOMAIN_UNDELEGATED;
    CHECK_INT(DOMAIN_NOT_DELEGATED, judged(&stage));
    stage.finding.delegation = DOMAIN_NO_NAME;
    CHECK_INT(DOMAIN_NO_SUCH_DOMAIN, judged(&stage));
    close_stage(&stage);
}

TEST(domain_judge, puts_the_worst_reason_first)
{
    struct stage stage;
    open_stage(&stage);
    stage.finding.record_primary = STR("ns.elsewhere.test");
    stage.finding.servers[1].state = DOMAIN_SERVER_SILENT;
    stage.finding.servers[1].has_soa = false;
    CHECK_INT(DOMAIN_LAME, judged(&stage));
    CHECK_INT(DOMAIN_LAME, stage.finding.reasons[0].verdict);
    CHECK_INT(DOMAIN_MISMATCH, stage.finding.reasons[1].verdict);
    close_stage(&stage);
}

TEST(domain_judge, knows_how_far_a_domain_is_signed)
{
    struct stage stage;
    open_stage(&stage);
    domain_judge(&stage.finding, &stage.arena);
    CHECK_INT(DOMAIN_UNSIGNED, stage.finding.dnssec);
    stage.finding.has_keys = stage.finding.has_signature = true;
    stage.finding.signature_ends_ms = NOW_MS + 1;
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    CHECK_INT(DOMAIN_NOT_ANCHORED, stage.finding.dnssec);
    stage.finding.has_ds = true;
    CHECK_INT(DOMAIN_MISMATCH, judged(&stage));
    CHECK_INT(DOMAIN_BROKEN, stage.finding.dnssec);
    stage.finding.ds_matches = true;
    CHECK_INT(DOMAIN_HEALTHY, judged(&stage));
    CHECK_INT(DOMAIN_SIGNED, stage.finding.dnssec);
    stage.finding.signature_ends_ms = NOW_MS - 1;
    CHECK_INT(DOMAIN_MISMATCH, judged(&stage));
    CHECK_INT(DOMAIN_EXPIRED, stage.finding.dnssec);
    close_stage(&stage);
}

TEST(domain_serial, wraps_around)
{
    CHECK(domain_serial_is_newer(2, 1));
    CHECK(!domain_serial_is_newer(1, 2));
    CHECK(!domain_serial_is_newer(1, 1));
    CHECK(domain_serial_is_newer(0, UINT32_MAX));
    CHECK(!domain_serial_is_newer(UINT32_MAX, 0));
}

TEST(domain_serial, tells_its_time_only_where_it_has_one)
{
    CHECK_INT(0, domain_serial_latest_ms(7, NOW_MS));
    CHECK_INT(0, domain_serial_latest_ms(2024139901, NOW_MS));    /* month 13 */
    CHECK_INT(0, domain_serial_latest_ms(2030010101, NOW_MS));    /* to come */
    CHECK(domain_serial_latest_ms(2024051401, NOW_MS) >= NOW_MS); /* yesterday may be today */
    CHECK_INT(INT64_C(1715774399000), domain_serial_latest_ms(1715774399, NOW_MS));
}

TEST(domain_provider, is_known_by_the_name_of_a_server)
{
    CHECK_STR("Cloudflare", domain_provider(STR("ada.ns.cloudflare.com")));
    CHECK_STR("Amazon Route 53", domain_provider(STR("ns-12.awsdns-34.co.uk")));
    CHECK_STR("", domain_provider(STR("ns1.shop.test")));
}

/* ---- over time ---- */

static struct domain_plan plan_of(const struct domain_past *past, enum domain_verdict verdict,
                                  const char *servers, bool by_person)
{
    struct domain_finding finding = {.verdict = verdict, .name_servers = str_from_c(servers)};
    struct domain_occasion occasion = {NOW_MS, 24 * (int64_t)MS_PER_HOUR, 12345678, by_person};
    return domain_plan(past, &finding, &occasion);
}

TEST(domain_plan, tells_of_the_first_verdict_and_of_every_other_one)
{
    struct domain_past none = {0};
    struct domain_plan first = plan_of(&none, DOMAIN_HEALTHY, "a, b", false);
    CHECK_INT(DOMAIN_ALARM_VERDICT, first.changes);
    CHECK_INT(0, first.now.alarms);
    struct domain_plan same = plan_of(&first.now, DOMAIN_HEALTHY, "a, b", false);
    CHECK_INT(0, same.changes);
    struct domain_plan worse = plan_of(&same.now, DOMAIN_MISMATCH, "a, b", false);
    CHECK_INT(DOMAIN_ALARM_VERDICT, worse.changes);
    CHECK_INT(DOMAIN_ALARM_VERDICT, worse.now.alarms);
    struct domain_plan better = plan_of(&worse.now, DOMAIN_HEALTHY, "a, b", false);
    CHECK_INT(DOMAIN_ALARM_VERDICT, better.changes);
    CHECK_INT(0, better.now.alarms);
}

TEST(domain_plan, believes_in_silence_the_second_time_or_when_a_person_looks)
{
    struct domain_past none = {0};
    struct domain_plan first = plan_of(&none, DOMAIN_HEALTHY, "a", false);
    struct domain_plan once = plan_of(&first.now, DOMAIN_UNREACHABLE, "", false);
    CHECK_INT(0, once.changes);
    CHECK_INT(0, once.now.alarms);
    CHECK_INT(NOW_MS + DOMAIN_CONFIRM_MS, once.next_ms);
    struct domain_plan twice = plan_of(&once.now, DOMAIN_UNREACHABLE, "", false);
    CHECK_INT(DOMAIN_ALARM_VERDICT, twice.changes);
    CHECK_INT(DOMAIN_ALARM_VERDICT, twice.now.alarms);
    struct domain_plan looked = plan_of(&first.now, DOMAIN_UNREACHABLE, "", true);
    CHECK_INT(DOMAIN_ALARM_VERDICT, looked.changes);
    /* The servers that it had are not forgotten. */
    CHECK_STR("a", twice.now.name_servers);
    struct domain_plan back = plan_of(&once.now, DOMAIN_HEALTHY, "a", false);
    CHECK_INT(0, back.changes);
}

TEST(domain_plan, asks_who_is_silent_less_and_less_often)
{
    struct domain_past past = {0};
    int64_t waited_ms = 0;
    past = plan_of(&past, DOMAIN_UNREACHABLE, "", false).now;
    past = plan_of(&past, DOMAIN_UNREACHABLE, "", false).now;
    for (int i = 0; i < 20; i++) {
        struct domain_plan plan = plan_of(&past, DOMAIN_UNREACHABLE, "", false);
        CHECK(plan.next_ms - NOW_MS >= waited_ms);
        CHECK(plan.next_ms - NOW_MS <= DOMAIN_BACK_OFF_MAX_MS + 3600 * 1000);
        waited_ms = plan.next_ms - NOW_MS;
        past = plan.now;
    }
    CHECK(waited_ms > 6 * (int64_t)MS_PER_DAY);
    struct domain_plan well = plan_of(&past, DOMAIN_HEALTHY, "a", false);
    CHECK(well.next_ms - NOW_MS < 25 * (int64_t)MS_PER_HOUR);
}

TEST(domain_plan, tells_of_other_name_servers)
{
    struct domain_past none = {0};
    struct domain_plan first = plan_of(&none, DOMAIN_HEALTHY, "a, b", false);
    struct domain_plan moved = plan_of(&first.now, DOMAIN_HEALTHY, "a, c", false);
    CHECK_INT(DOMAIN_ALARM_SERVERS, moved.changes);
    CHECK_INT(DOMAIN_ALARM_SERVERS, moved.now.alarms);
    /* Until somebody has seen it. */
    struct domain_plan later = plan_of(&moved.now, DOMAIN_HEALTHY, "a, c", false);
    CHECK_INT(0, later.changes);
    CHECK_INT(DOMAIN_ALARM_SERVERS, later.now.alarms);
}

TEST(domain_plan, spreads_first_checks_over_the_day)
{
    struct domain_past none = {0};
    struct domain_finding finding = {.verdict = DOMAIN_HEALTHY};
    struct domain_occasion occasion = {NOW_MS, MS_PER_DAY, 0, false};
    int64_t least = INT64_MAX, most = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        occasion.spread = i * UINT64_C(0x9e3779b97f4a7c15);
        int64_t next = domain_plan(&none, &finding, &occasion).next_ms;
        least = next < least ? next : least;
        most = next > most ? next : most;
    }
    CHECK(least > NOW_MS && least < NOW_MS + MS_PER_HOUR);
    CHECK(most > NOW_MS + 23 * (int64_t)MS_PER_HOUR && most <= NOW_MS + MS_PER_DAY);
}
