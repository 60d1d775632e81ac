/* cmocka, with what it needs in front of it. */
#ifndef SY_TESTS_RIG_CHECK_H
#define SY_TESTS_RIG_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Sanitizers cost time, and keep memory of their own in every process. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SY_SANITIZED 1
#endif
#endif
#ifndef SY_SANITIZED
#define SY_SANITIZED 0
#endif

#endif
