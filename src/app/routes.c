/* Every route and every command of the product, in the order of the documentation. */
#include "src/app/routes.h"

#include "src/account/account.h"
#include "src/app/idempotency.h"
#include "src/app/openapi.h"
#include "src/app/telemetry.h"
#include "src/attention/attention.h"
#include "src/core/audit.h"
#include "lib/db/db.h"
#include "src/core/route.h"
#include "src/domain/domain.h"
#include "src/domain/domain_access.h"
#include "src/intake/intake.h"
#include "src/ledger/ledger.h"
#include "src/live/live.h"
#include "src/metric/metric.h"
#include "src/organisation/organisation.h"
#include "src/partner/partner.h"
#include "src/product/product.h"
#include "src/view/view.h"

const struct route_table *const all_routes[] = {
    &openapi_routes,       &health_routes,
    &live_routes,          &session_routes,
    &view_routes,          &account_routes,
    &organisation_routes,  &partner_routes,
    &contact_routes,       &partner_list_routes,
    &partner_bulk_routes,  &partner_merge_routes,
    &duplicate_routes,     &contact_privacy_routes,
    &product_routes,       &ledger_routes,
    &metric_routes,        &rate_routes,
    &attention_routes,     &import_routes,
    &import_file_routes,   &unassigned_routes,
    &domain_routes,        &domain_list_routes,
    &domain_access_routes,
};
const size_t all_routes_count = ARRAY_LEN(all_routes);

const struct query_table *const all_queries[] = {
    &audit_queries,
    &idempotency_queries,
    &account_queries,
    &organisation_queries,
    &view_queries,
    &partner_queries,
    &contact_queries,
    &product_queries,
    &partner_search_queries,
    &partner_list_queries,
    &partner_bulk_queries,
    &partner_merge_queries,
    &duplicate_queries,
    &contact_privacy_queries,
    &ledger_queries,
    &rollup_queries,
    &ledger_group_queries,
    &ledger_after_queries,
    &ledger_list_group_queries,
    &rollup_move_queries,
    &metric_queries,
    &rate_queries,
    &attention_queries,
    &import_queries,
    &import_change_queries,
    &import_piece_queries,
    &unassigned_queries,
    &domain_queries,
    &domain_proof_queries,
    &domain_access_queries,
};
const size_t all_queries_count = ARRAY_LEN(all_queries);

const struct route *route_at(size_t index)
{
    for (size_t i = 0; i < all_routes_count; i++) {
        if (index < all_routes[i]->count)
            return &all_routes[i]->routes[index];
        index -= all_routes[i]->count;
    }
    return NULL;
}

size_t route_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < all_routes_count; i++)
        count += all_routes[i]->count;
    return count;
}
