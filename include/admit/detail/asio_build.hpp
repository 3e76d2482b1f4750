// SPDX-License-Identifier: BSL-1.0
// The name of the Boost.Asio that a file is compiled with: its version, and the macros that change
// what Asio's inline functions allocate or lay out. The functions of operations.hpp carry it, so a
// program with another Asio than the library's does not link, and the linker's message says so:
// docs/guide/install.md has an example. Not for users of the library.
#pragma once

#include <boost/asio/detail/config.hpp>
#include <boost/asio/recycling_allocator.hpp>  // sets the size of its cache, 2 if none is given
#include <boost/asio/version.hpp>
#include <boost/version.hpp>

// What has its default leaves no trace in the name.
#ifdef BOOST_ASIO_HAS_THREADS
#define ADMIT_ASIO_THREADS
#else
#define ADMIT_ASIO_THREADS _without_THREADS
#endif

#ifdef BOOST_ASIO_HAS_THREAD_KEYWORD_EXTENSION
#define ADMIT_ASIO_THREAD_KEYWORD
#else
#define ADMIT_ASIO_THREAD_KEYWORD _without_THREAD_KEYWORD_EXTENSION
#endif

#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#define ADMIT_ASIO_REACTOR _with_IO_URING_AS_DEFAULT
#elif defined(BOOST_ASIO_HAS_IO_URING)
#define ADMIT_ASIO_REACTOR _with_IO_URING
#elif defined(__linux__) && !defined(BOOST_ASIO_HAS_EPOLL)
#define ADMIT_ASIO_REACTOR _without_EPOLL
#elif defined(BOOST_ASIO_HAS_EPOLL) && !defined(BOOST_ASIO_HAS_EVENTFD)
#define ADMIT_ASIO_REACTOR _without_EVENTFD
#else
#define ADMIT_ASIO_REACTOR
#endif

#if defined(BOOST_ASIO_HAS_STD_ALIGNED_ALLOC)
#define ADMIT_ASIO_ALIGNMENT
#elif defined(BOOST_ASIO_HAS_BOOST_ALIGN)
#define ADMIT_ASIO_ALIGNMENT _without_STD_ALIGNED_ALLOC
#else
#define ADMIT_ASIO_ALIGNMENT _without_STD_ALIGNED_ALLOC_and_BOOST_ALIGN
#endif

#ifdef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
#define ADMIT_ASIO_FRAMES _without_AWAITABLE_FRAME_RECYCLING
#else
#define ADMIT_ASIO_FRAMES
#endif

#ifdef BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#define ADMIT_ASIO_BLOCKS _without_SMALL_BLOCK_RECYCLING
#else
#define ADMIT_ASIO_BLOCKS
#endif

// A number, not a word: the value may be any constant expression.
#if BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE == 2
#define ADMIT_ASIO_CACHE
#elif BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE < 2
#define ADMIT_ASIO_CACHE _with_CACHE_SIZE_below_2
#elif BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE <= 4
#define ADMIT_ASIO_CACHE _with_CACHE_SIZE_3_or_4
#elif BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE <= 8
#define ADMIT_ASIO_CACHE _with_CACHE_SIZE_5_to_8
#else
#define ADMIT_ASIO_CACHE _with_CACHE_SIZE_above_8
#endif

#ifdef BOOST_ASIO_DISABLE_FENCED_BLOCK
#define ADMIT_ASIO_FENCES _without_FENCED_BLOCK
#else
#define ADMIT_ASIO_FENCES
#endif

#if defined(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)
#define ADMIT_ASIO_TRACKING _with_CUSTOM_HANDLER_TRACKING
#elif defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING)
#define ADMIT_ASIO_TRACKING _with_HANDLER_TRACKING
#else
#define ADMIT_ASIO_TRACKING
#endif

#ifdef BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#define ADMIT_ASIO_EXECUTORS _with_TS_EXECUTOR_AS_DEFAULT
#else
#define ADMIT_ASIO_EXECUTORS
#endif

#ifdef BOOST_ASIO_NO_TYPEID  // as under -fno-rtti: a context then finds its services otherwise
#define ADMIT_ASIO_TYPEID _without_TYPEID
#else
#define ADMIT_ASIO_TYPEID
#endif

#ifdef BOOST_ASIO_NO_EXCEPTIONS
#define ADMIT_ASIO_EXCEPTIONS _without_EXCEPTIONS
#else
#define ADMIT_ASIO_EXCEPTIONS
#endif

// Two steps, so that the arguments are replaced by their values before they are joined.
#define ADMIT_ASIO_JOIN(boost, asio, a, b, c, d, e, f, g, h, i, j, k, l) \
    compile_admit_with_boost_##boost##_asio_##asio##a##b##c##d##e##f##g##h##i##j##k##l
#define ADMIT_ASIO_EXPAND(...) ADMIT_ASIO_JOIN(__VA_ARGS__)
#define ADMIT_ASIO_BUILD                                                                         \
    ADMIT_ASIO_EXPAND(BOOST_VERSION, BOOST_ASIO_VERSION, ADMIT_ASIO_THREADS,                     \
                      ADMIT_ASIO_THREAD_KEYWORD, ADMIT_ASIO_REACTOR, ADMIT_ASIO_ALIGNMENT,       \
                      ADMIT_ASIO_FRAMES, ADMIT_ASIO_BLOCKS, ADMIT_ASIO_CACHE, ADMIT_ASIO_FENCES, \
                      ADMIT_ASIO_TRACKING, ADMIT_ASIO_EXECUTORS, ADMIT_ASIO_TYPEID,              \
                      ADMIT_ASIO_EXCEPTIONS)
