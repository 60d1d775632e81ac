/* The engine's notices become messages to the subscribers. What one transaction did goes out
 * together when it is over: a pattern that turned a thousand knobs is a few datagrams, not a
 * thousand. */
#include "modules/registry.h"
#include "osc/server_state.h"

#define AT_ONCE 4

void sy_job_send_notices(void *user, const void *data, size_t size, unsigned nth)
{
    SyJob *job = user;
    sy_subscribers_send(&job->server->subscribers, &job->peer, data, size, nth >= AT_ONCE);
}

static void send_notice(void *user, const void *data, size_t size, unsigned nth)
{
    SyServer *server = user;
    sy_subscribers_send(&server->subscribers, NULL, data, size, nth >= AT_ONCE);
}

static void write_cable(SyWriter *writer, const char *address, const SyNotice *notice, bool gain)
{
    char from[SY_ADDRESS_MAX], to[SY_ADDRESS_MAX];
    sy_address_of_output(from, notice->cable.from);
    sy_address_of_input(to, notice->cable.to);
    sy_writer_add(writer, address, gain ? "ssf" : "ss", from, to, (double)notice->cable.gain);
}

static void write_module(SyWriter *writer, const char *address, const SyNotice *notice, bool text)
{
    char module[SY_ADDRESS_MAX];
    sy_address_of_module(module, notice->module);
    sy_writer_add(writer, address, text ? "ss" : "s", module, notice->text);
}

static void write_notice(SyWriter *writer, const SyNotice *notice)
{
    char address[SY_ADDRESS_MAX];
    switch (notice->kind) {
    case SY_NOTICE_CREATED:
        write_module(writer, "/created", notice, false);
        break;
    case SY_NOTICE_DESTROYED:
        write_module(writer, "/destroyed", notice, false);
        break;
    case SY_NOTICE_CONNECTED:
        write_cable(writer, "/connected", notice, true);
        break;
    case SY_NOTICE_DISCONNECTED:
        write_cable(writer, "/disconnected", notice, false);
        break;
    case SY_NOTICE_SET:
        sy_address_of_param(address, notice->module, notice->param.param);
        sy_writer_add(writer, address, "f", (double)notice->param.written);
        break;
    case SY_NOTICE_WORKER_DIED:
        sy_writer_add(writer, "/worker.died", "is", (int32_t)notice->worker, notice->text);
        break;
    case SY_NOTICE_WORKER_BACK:
        sy_writer_add(writer, "/worker.back", "i", (int32_t)notice->worker);
        break;
    case SY_NOTICE_QUARANTINED:
        write_module(writer, "/quarantined", notice, true);
        break;
    case SY_NOTICE_REVIVED:
        write_module(writer, "/revived", notice, false);
        break;
    case SY_NOTICE_WILD:
        write_module(writer, "/wild", notice, true);
        break;
    case SY_NOTICE_MEMORY:
        sy_writer_add(writer, "/memory", "s", notice->text);
        break;
    case SY_NOTICE_JOURNAL:
        sy_writer_add(writer, "/journal", "s", notice->text);
        break;
    case SY_NOTICE_FILE:
        sy_address_of_file(address, notice->module);
        sy_writer_add(writer, address, "s", notice->text);
        break;
    case SY_NOTICE_AUDIO:
        sy_writer_add(writer, "/audio", "s", notice->text);
        break;
    }
}

void sy_server_notice(void *user, const SyNotice *notice)
{
    SyServer *server = user;
    if (notice->kind == SY_NOTICE_CREATED) {
        sy_world_seen(server, notice->module);
    }
    if (sy_subscribers_count(&server->subscribers) == 0) {
        return;
    }
    if (notice->cause && notice->cause->release == sy_job_release) {
        SyJob *job = (SyJob *)(uintptr_t)notice->cause; /* ours, and not const to us */
        write_notice(&job->notices, notice);
        return;
    }
    SyWriter writer = {.func = send_notice, .user = server};
    write_notice(&writer, notice);
    sy_writer_flush(&writer);
    sy_writer_deinit(&writer);
}
