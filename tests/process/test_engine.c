/* An engine that is killed is replaced: nothing that it has answered for is lost, and what it
 * played goes on where it was.
 *
 *     test-process-engine 1000     kills so many; a few without a number */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"

#define MODULES     40
#define FIRST_ID    100
#define ANSWER_MS   20
#define BACK_NS     60000000000
#define EDITS_APART 25 /* of two kills, at the most */

static int n_kills = 20;

/* What is known of a module: an edit that was not answered may have been made or not. */
typedef enum Known { GONE, THERE, MAYBE } Known;

typedef struct Player {
    SyStage *stage;
    SySynth *synth;
    SyOsc osc;
    uint32_t seed;
    Known known[MODULES];
    float freq[MODULES]; /* 0: not known */
    int request;         /* the last one's number */
    int acknowledged;
    int64_t *back_ns; /* [n_kills] */
} Player;

static uint32_t next_random(Player *player)
{
    player->seed = player->seed * 1664525u + 1013904223u;
    return player->seed >> 8;
}

/* Waits a moment for the answer to a request: its address, or NULL if none came. */
static const char *await_answer(const Player *player, int request)
{
    static char packet[4096];
    struct pollfd poll_fd = {.fd = player->osc.fd, .events = POLLIN};

    while (poll(&poll_fd, 1, ANSWER_MS) > 0) {
        const ssize_t n = recv(player->osc.fd, packet, sizeof(packet), 0);
        if (n < 8) {
            return NULL; /* nobody listens there just now */
        }
        /* The request's number is the last argument. */
        uint32_t last;
        memcpy(&last, packet + n - sizeof(last), sizeof(last));
        if (ntohl(last) == (uint32_t)request) {
            return packet;
        }
    }
    return NULL;
}

/* Makes one edit. Returns what became of it: 1 done, 0 refused, -1 not known. */
static int edit(Player *player, const char *address, const char *types, const char *what, int id,
                float value)
{
    const int request = ++player->request;
    char module[24];

    snprintf(module, sizeof(module), "/vco/%d%s", id, strcmp(what, "freq") == 0 ? "/freq" : "");
    if (strcmp(types, "sii") == 0) {
        sy_osc_send(&player->osc, address, types, "vco", id, request);
    } else if (strcmp(types, "si") == 0) {
        sy_osc_send(&player->osc, address, types, module, request);
    } else {
        sy_osc_send(&player->osc, address, types, module, (double)value, request);
    }
    const char *answer = await_answer(player, request);
    player->acknowledged += answer != NULL;
    return !answer ? -1 : strcmp(answer, "/done") == 0;
}

static void edit_something(Player *player)
{
    const int which = (int)(next_random(player) % MODULES), id = FIRST_ID + which;
    const float freq = 20 + (float)(next_random(player) % 10000);

    if (player->known[which] != THERE) {
        const int done = edit(player, "/create", "sii", "vco", id, 0);
        player->freq[which] = 0;
        player->known[which] = done < 0 ? MAYBE : THERE; /* refused: it is there already */
    } else if (next_random(player) % 3 == 0) {
        const int done = edit(player, "/destroy", "si", "vco", id, 0);
        player->known[which] = done < 0 ? MAYBE : GONE;
    } else {
        const int done = edit(player, "/set", "sfi", "freq", id, freq);
        assert_int_not_equal(done, 0);
        player->freq[which] = done > 0 ? freq : 0;
    }
}

static void assert_all_is_there(const Player *player)
{
    for (int i = 0; i < MODULES; i++) {
        const SyRun run = sy_ctl(player->synth, "get vco/%d/freq", FIRST_ID + i);
        if (player->known[i] == THERE) {
            assert_int_equal(run.code, 0);
            if (player->freq[i] != 0) {
                assert_float_equal(atof(run.out), player->freq[i], 0.01);
            }
        } else if (player->known[i] == GONE) {
            assert_int_not_equal(run.code, 0);
        }
    }
}

/* Kills the engine and waits until the next one answers; how long it took. */
static int64_t kill_engine(Player *player)
{
    const pid_t engine = sy_synth_engine(player->synth);
    const int64_t killed = sy_stage_now_ns();

    assert_true(engine > 0);
    kill(engine, SIGKILL);
    while (sy_stage_now_ns() - killed < BACK_NS) {
        sy_osc_send(&player->osc, "/get", "si", "/vco/3/freq", ++player->request);
        if (await_answer(player, player->request)) {
            return sy_stage_now_ns() - killed;
        }
    }
    fail_msg("the engine does not come back");
    return 0;
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Two oscillators that cancel each other out to the last bit as long as both have every block that
 * there was, and one beside them that can be heard. */
static const char patch[] = "create vco --id 1 --freq 440\ncreate vco --id 2 --freq 440\n"
                            "create vco --id 3 --freq 440\ncreate out --id 1\n"
                            "connect vco/1/saw out/1/left\n"
                            "connect vco/2/saw out/1/left --gain -1\n"
                            "connect vco/3/sine out/1/right --gain 0.5\n";

/* Every recording; each engine makes one of its own. Returns how many frames were sounding. */
static int64_t assert_in_phase(const Player *player)
{
    int64_t heard = 0;

    for (int i = 1; i <= n_kills + 1; i++) {
        const char *name = i == 1 ? "sound.wav" : sy_stage_text(player->stage, "sound-%d.wav", i);
        if (access(sy_stage_path(player->stage, name), F_OK) < 0) {
            continue; /* killed before it could begin one */
        }
        const SySound sound = sy_sound_read(player->stage, name);
        for (int64_t n = 0; n < sound.n_frames; n++) {
            assert_true(sound.left[n] == 0);
            heard += sound.right[n] != 0;
        }
    }
    return heard;
}

static void killed_engine_loses_nothing_it_answered_for(void **state)
{
    Player *player = sy_stage_keep(*state, calloc(1, sizeof(*player)));

    player->stage = *state;
    player->seed = 7;
    player->back_ns = sy_stage_keep(*state, calloc((size_t)n_kills, sizeof(int64_t)));
    sy_stage_write(*state, "cancel.synth", patch);
    player->synth = sy_synth_start(
        *state,
        "--audio clock --workers 4 --placement spread --load cancel.synth --record sound.wav");
    player->osc = sy_osc_open(player->synth);
    for (int i = 0; i < n_kills; i++) {
        for (uint32_t n = next_random(player) % EDITS_APART; n > 0; n--) {
            edit_something(player);
        }
        /* One that is on its way when the engine dies. */
        sy_osc_send(&player->osc, "/create", "si", "lfo", 1000 + i);
        usleep(next_random(player) % 400);
        player->back_ns[i] = kill_engine(player);
        if (i % 10 == 9 || i == n_kills - 1) {
            assert_all_is_there(player);
        }
    }
    sy_ctl_ok(player->synth, "ls");
    sy_synth_quit(player->synth);
    const int64_t heard = assert_in_phase(player);
    qsort(player->back_ns, (size_t)n_kills, sizeof(int64_t), by_size);
    print_message("%d engines killed, %d edits answered; an answer again after %.0f ms at the "
                  "median, %.0f at most; %.1f s heard, in phase\n",
                  n_kills, player->acknowledged, (double)player->back_ns[n_kills / 2] * 1e-6,
                  (double)player->back_ns[n_kills - 1] * 1e-6, (double)heard / 48000);
    assert_true(heard > 0);
    sy_osc_close(&player->osc);
}

static void subscribers_hear_from_the_next_engine(void **state)
{
    Player *player = sy_stage_keep(*state, calloc(1, sizeof(*player)));

    player->stage = *state;
    sy_stage_write(*state, "cancel.synth", patch);
    player->synth = sy_synth_start(*state, "--audio clock --workers 2 --load cancel.synth");
    player->osc = sy_osc_open(player->synth);
    SyOsc listener = sy_osc_open(player->synth), deaf = sy_osc_open(player->synth);
    sy_osc_send(&listener, "/notify", "i", 1);
    sy_osc_sync(&listener);
    sy_osc_send(&deaf, "/notify", "i", 1);
    sy_osc_send(&deaf, "/notify", "i", 0);
    sy_osc_sync(&deaf);
    for (int i = 0; i < 2; i++) {
        kill_engine(player);
        sy_osc_send(&player->osc, "/create", "si", "lfo", 7 + i);
        assert_string_equal(sy_osc_await(&listener, "/created"), i == 0 ? "/lfo/7" : "/lfo/8");
    }
    struct pollfd poll_fd = {.fd = deaf.fd, .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    sy_osc_close(&deaf);
    sy_osc_close(&listener);
    sy_osc_close(&player->osc);
    sy_synth_quit(player->synth);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(killed_engine_loses_nothing_it_answered_for),
        sy_stage_test(subscribers_hear_from_the_next_engine),
    };

    n_kills = argc > 1 ? atoi(argv[1]) : n_kills;
    return n_kills > 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
