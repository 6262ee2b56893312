/* Reports are kept by src/metric, so that the same one is not made twice. */
#include "src/live/live_numbers.h"

#include "lib/json/json.h"
#include "src/core/limits.h"

struct pulse_job {
    const struct metric_scope *scope;
    struct metric_pulse pulse;
};

static enum err read_pulse(struct ctx *ctx, void *arg)
{
    struct pulse_job *job = arg;
    return metric_pulse(ctx, job->scope, &job->pulse);
}

static enum err render_pulse(struct ctx *ctx, const struct metric_scope *scope,
                             struct str *ret_json)
{
    struct pulse_job job = {.scope = scope};
    struct json_writer writer;
    struct buf buf;
    TRY(ctx_read(ctx, read_pulse, &job));
    buf_init(&buf, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &buf);
    metric_pulse_render(&job.pulse, &writer);
    *ret_json = buf_str(&buf);
    return OK;
}

enum err live_numbers(struct ctx *ctx, const struct live_view *view, const char **ret_event,
                      struct str *ret_json)
{
    static const struct metric_days usual;
    struct actor before = ctx->actor;
    ctx->actor = live_view_actor(view);
    enum err err = live_view_is_partner(view)
                       ? metric_report_json(ctx, view->scope.partner, &usual, ret_json)
                       : render_pulse(ctx, &view->scope, ret_json);
    *ret_event = live_view_is_partner(view) ? "report" : "pulse";
    ctx->actor = before;
    return err;
}
