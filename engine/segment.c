#include "engine/segment.h"

#include <fcntl.h>
#include <link.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/worker_message.h"

static uint64_t align_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) & ~(to - 1);
}

/* Lays out what follows the header; returns the whole size. */
static uint64_t lay_out(SySegment *segment, const SySegmentSize *size)
{
    uint64_t at = align_up(sizeof(SySegment), SY_PAGE);
    const uint64_t ring =
        align_up(sy_ring_bytes(SY_COMMANDS_PER_WORKER, sizeof(SyWorkerMessage)), 64);

    if (segment) {
        segment->rings_at = at;
        segment->rings_bytes = align_up(2 * ring, SY_PAGE);
    }
    for (unsigned i = 0; i < SY_WORKERS_MAX; i++) {
        if (segment) {
            segment->places[i].commands_at = at;
            segment->places[i].replies_at = at + ring;
        }
        at += align_up(2 * ring, SY_PAGE); /* each worker can write to its own only */
    }
    for (unsigned i = 0; i < SY_PLANS; i++) {
        if (segment) {
            segment->plan_at[i] = at;
        }
        at += align_up(size->plan_bytes, SY_PAGE);
    }
    if (segment) {
        segment->trace_at = at;
    }
    at = align_up(at + SY_TRACE_RECORDS * sizeof(SyTraceRecord), SY_LARGE_PAGE);
    if (segment) {
        segment->used_to = at;
    }
    at += align_up(size->arena_bytes, SY_PAGE);
    if (segment) {
        segment->library_at = at;
    }
    return at + align_up(size->library_bytes, SY_PAGE);
}

static void fill_header(SySegment *segment, const SySegmentSize *size, uint64_t bytes)
{
    segment->magic = SY_SEGMENT_MAGIC;
    segment->version = SY_SEGMENT_VERSION;
    segment->size = bytes;
    segment->rate = size->rate;
    segment->block = size->block;
    atomic_init(&segment->n_cores, size->n_cores);
    atomic_init(&segment->spin_ns, size->spin_ns);
    atomic_init(&segment->wait_ns, size->spin_ns);
    segment->offline = size->offline;
    segment->plan_size = size->plan_bytes;
    segment->fade_frames = size->rate / 200;
    segment->smooth_frames = size->rate / 200;
    for (uint32_t i = 0; i <= segment->fade_frames; i++) {
        segment->fade_shape[i] = (float)(0.5 - 0.5 * cos(M_PI * i / segment->fade_frames));
    }
    lay_out(segment, size);
    atomic_init(&segment->library_top, segment->library_at);
}

/* At an address that large pages can begin at. */
static void *map_aligned(int fd, uint64_t bytes)
{
    const uint64_t room = bytes + SY_LARGE_PAGE;
    unsigned char *found =
        mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) {
        return MAP_FAILED;
    }
    unsigned char *first = (unsigned char *)align_up((uintptr_t)found, SY_LARGE_PAGE);
    unsigned char *end = first + align_up(bytes, SY_PAGE);

    if (first > found) {
        munmap(found, (size_t)(first - found));
    }
    if (end < found + room) {
        munmap(end, (size_t)(found + room - end));
    }
    return mmap(first, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
}

SySegment *sy_segment_map(const SySegmentSize *size)
{
    const uint64_t bytes = lay_out(NULL, size);
    const int fd = memfd_create("synthd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        return NULL;
    }
    /* Sealed, nobody can shrink it under the others and turn their loads into SIGBUS. */
    if (ftruncate(fd, (off_t)bytes) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        close(fd);
        return NULL;
    }
    void *address = map_aligned(fd, bytes);
    const int saved = errno;
    close(fd);
    errno = saved;
    if (address == MAP_FAILED) {
        return NULL;
    }
    fill_header((SySegment *)address, size, bytes);
    return (SySegment *)address;
}

void sy_segment_unmap(SySegment *segment)
{
    if (segment) {
        munmap(segment, segment->size);
    }
}

int sy_memory_prefault(void *address, size_t size)
{
    const uintptr_t first = (uintptr_t)address & ~(uintptr_t)4095;
    const size_t length = align_up((uintptr_t)address + size - first, 4096);

    if (madvise((void *)first, length, MADV_POPULATE_WRITE) < 0 && errno != EINVAL) {
        return errno;
    }
    /* Without the permission the pages are there all the same; they may be swapped out one day. */
    mlock2((void *)first, length, MLOCK_ONFAULT);
    return 0;
}

int sy_memory_prefault_shared(void *address, size_t size)
{
    const uintptr_t first = (uintptr_t)address & ~(uintptr_t)4095;

    /* To read, the kernel maps what is there sixteen pages at a time, and they can be written to;
     * to write, one by one: 64 MB in 27 ms, and in 18 like this. What was left out comes after it.
     */
    madvise((void *)first, (uintptr_t)address + size - first, MADV_POPULATE_READ);
    return sy_memory_prefault(address, size);
}

int sy_memory_prefault_read(const void *address, size_t size)
{
    const uintptr_t first = (uintptr_t)address & ~(uintptr_t)4095;
    const size_t length = align_up((uintptr_t)address + size - first, 4096);

    if (madvise((void *)first, length, MADV_POPULATE_READ) < 0 && errno != EINVAL) {
        return errno;
    }
    mlock2((void *)first, length, MLOCK_ONFAULT);
    return 0;
}

/* What a program or library brings from its file: code, constants, variables. */
static int prefault_object(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t from = (info->dlpi_addr + part->p_vaddr) & ~(uintptr_t)4095;
        const uintptr_t to = info->dlpi_addr + part->p_vaddr + part->p_memsz;
        if (part->p_type == PT_LOAD) {
            madvise((void *)from, align_up(to - from, 4096), MADV_POPULATE_READ);
        }
    }
    return 0;
}

void sy_memory_prefault_code(void)
{
    dl_iterate_phdr(prefault_object, NULL);
}
