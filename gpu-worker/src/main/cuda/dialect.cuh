// What kernels may use beyond plain CUDA C++: the only place with inline PTX. Compiled by g++ instead of nvcc, all of it
// comes from the shim that tests bring along (shim.h), which runs a kernel on the CPU.
//
// Kernels are compiled with --fmad=false: a product and a sum are one rounding only where fmaf says so.
// Blocks are whole warps, and all lanes of a warp reach each warp-wide call: guard the work, not the lanes.
#pragma once

// All lanes of a warp.
#define FULL 0xffffffffu

#ifdef __CUDACC__
#include <cstdint>
#include <cuda_bf16.h>
#include <cuda_fp16.h>

// Memory of a block: `SHARED(float, sums, 8);` is float sums[8].
#define SHARED(type, name, count) __shared__ type name[count]
// Memory of a block, as much as the launch asks for; one in a kernel.
#define SHARED_DYNAMIC(type, name)                           \
    extern __shared__ __align__(16) unsigned char dynamic_shared[]; \
    type *const name = reinterpret_cast<type *>(dynamic_shared)
// Makes a kernel known to the fake driver of the tests.
#define EXPORT(kernel)

#define DEVICE __device__ __forceinline__

// Says that it is memory of the device, which the compiler does not see where a pointer is one of several: loads and
// stores through it would look for shared memory first.
template <class T> DEVICE T *in_device_memory(T *at) {
    __builtin_assume(__isGlobal(at));
    return at;
}

// Whether tests want to see that a kernel fails without this.
#define LEFT_OUT(what) false

// What `operation` makes of the values of all 32 lanes, in all lanes; halves are put together, 16 lanes apart first.
template <class T, class Operation> DEVICE T warp_reduce(T value, Operation operation) {
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2)
        value = operation(value, __shfl_xor_sync(FULL, value, apart));
    return value;
}

// The sums of the four lanes 4i..4i+3, in each of them.
DEVICE int2 quad_sum(int2 value) {
#pragma unroll
    for (int apart = 1; apart < 4; apart *= 2) {
        value.x += __shfl_xor_sync(FULL, value.x, apart);
        value.y += __shfl_xor_sync(FULL, value.y, apart);
    }
    return value;
}

// The value, but the compiler knows nothing of it: what is made of it in a loop is not worked out before and kept.
DEVICE int opaque(int value) {
    asm volatile("" : "+r"(value));
    return value;
}

// Global memory that this kernel reads once and nobody writes meanwhile: the first-level cache keeps other things.
DEVICE uint32_t load_once(const uint32_t *at) {
    uint32_t value;
    asm("ld.global.nc.L1::no_allocate.u32 %0, [%1];" : "=r"(value) : "l"(at));
    return value;
}

DEVICE uint2 load_once(const uint2 *at) {
    uint2 value;
    asm("ld.global.nc.L1::no_allocate.v2.u32 {%0,%1}, [%2];" : "=r"(value.x), "=r"(value.y) : "l"(at));
    return value;
}

DEVICE uint4 load_once(const uint4 *at) {
    uint4 value;
    asm("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
        : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
        : "l"(at));
    return value;
}

DEVICE uint32_t shared_address(const void *at) { return static_cast<uint32_t>(__cvta_generic_to_shared(at)); }

// Copies 16 bytes from global to shared memory, both aligned to 16; there after a wait and a barrier.
DEVICE void copy16_async(void *to, const void *from) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}

// Four bytes, aligned to 4.
DEVICE void copy4_async(void *to, const void *from) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(to)), "l"(from) : "memory");
}

// Ends a group of copies.
DEVICE void copies_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most `pending` groups of this thread are on their way.
template <int pending> DEVICE void copies_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory"); }

// Four 8x8 matrices of 16 bits; lane l names row l%8 of matrix l/8, and holds columns 2(l%4).. of row l/4 of each.
DEVICE void load_matrices(uint32_t to[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(shared_address(row))
                 : "memory");
}

// sum[16][8] f32 += a[16][16] f16 * b[16][8] f16, fragments as PTX's mma.m16n8k16.
DEVICE void multiply_f16(float sum[4], const uint32_t a[4], const uint32_t b[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// sum[16][8] s32 = start + a[16][32] s8 * b[32][8] s8, fragments as PTX's mma.m16n8k32.
DEVICE void multiply_s8(int sum[4], const uint32_t a[4], const uint2 &b, int start) {
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};"
                 : "=r"(sum[0]), "=r"(sum[1]), "=r"(sum[2]), "=r"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b.x), "r"(b.y), "r"(start));
}

// sum[16][8] s32 += a[16][16] s8 * b[16][8] s8, fragments as PTX's mma.m16n8k16: half of those of m16n8k32.
DEVICE void multiply_s8_half(int sum[4], const uint32_t a[2], uint32_t b) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
                 : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(b));
}
#else
#include "shim.h"
#endif
