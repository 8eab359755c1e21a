// One dialect of CUDA C++ for two compilers.
//
// The kernels of this folder are compiled by clang without NVIDIA's headers and
// libraries (build.sh), which gives the PTX that is committed, and compile with
// nvcc too. What the two spell differently is spelled here, once. Everything is
// rounded to nearest, and nothing is contracted: a fused multiply-add is written
// as fma, so that an operation has one result whoever compiles it.
#pragma once

#ifdef __NVCC__

#include <string.h>

#define DEVICE static __device__ __forceinline__
#define THREAD_X ((int)threadIdx.x)
#define BLOCK_X ((int)blockIdx.x)
#define BLOCK_DIM_X ((int)blockDim.x)
#define GRID_DIM_X ((int)gridDim.x)
#define BARRIER() __syncthreads()

DEVICE float fma_(float a, float b, float c) { return __fmaf_rn(a, b, c); }
DEVICE double fma_(double a, double b, double c) { return __fma_rn(a, b, c); }
DEVICE float sqrt_(float x) { return __fsqrt_rn(x); }
DEVICE double sqrt_(double x) { return __dsqrt_rn(x); }
DEVICE float fabs_(float x) { return ::fabsf(x); }
DEVICE double fabs_(double x) { return ::fabs(x); }
DEVICE float floor_(float x) { return ::floorf(x); }
DEVICE double floor_(double x) { return ::floor(x); }
DEVICE float ceil_(float x) { return ::ceilf(x); }
DEVICE double ceil_(double x) { return ::ceil(x); }
DEVICE int nearest(float x) { return __float2int_rn(x); }
DEVICE int nearest(double x) { return __double2int_rn(x); }
DEVICE unsigned long long mulHigh(unsigned long long a, unsigned long long b) { return __umul64hi(a, b); }
DEVICE int bits(float x) { return __float_as_int(x); }
DEVICE long long bits(double x) { return __double_as_longlong(x); }
DEVICE float fromBits(int x) { return __int_as_float(x); }
DEVICE double fromBits(long long x) { return __longlong_as_double(x); }

#else  // clang

#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __launch_bounds__(threads) __attribute__((launch_bounds(threads)))

#define DEVICE static __device__ __inline__ __attribute__((always_inline))
#define THREAD_X ((int)__nvvm_read_ptx_sreg_tid_x())
#define BLOCK_X ((int)__nvvm_read_ptx_sreg_ctaid_x())
#define BLOCK_DIM_X ((int)__nvvm_read_ptx_sreg_ntid_x())
#define GRID_DIM_X ((int)__nvvm_read_ptx_sreg_nctaid_x())
#define BARRIER() __syncthreads()

DEVICE float fma_(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
DEVICE double fma_(double a, double b, double c) { return __nvvm_fma_rn_d(a, b, c); }
DEVICE float sqrt_(float x) { return __nvvm_sqrt_rn_f(x); }
DEVICE double sqrt_(double x) { return __nvvm_sqrt_rn_d(x); }
DEVICE float fabs_(float x) { return __nvvm_fabs_f(x); }
DEVICE double fabs_(double x) { return __nvvm_fabs_d(x); }
DEVICE float floor_(float x) { return __nvvm_floor_f(x); }
DEVICE double floor_(double x) { return __nvvm_floor_d(x); }
DEVICE float ceil_(float x) { return __nvvm_ceil_f(x); }
DEVICE double ceil_(double x) { return __nvvm_ceil_d(x); }
DEVICE int nearest(float x) { return __nvvm_f2i_rn(x); }
DEVICE int nearest(double x) { return __nvvm_d2i_rn(x); }
DEVICE unsigned long long mulHigh(unsigned long long a, unsigned long long b) { return __nvvm_mulhi_ull(a, b); }
DEVICE int bits(float x) { return __builtin_bit_cast(int, x); }
DEVICE long long bits(double x) { return __builtin_bit_cast(long long, x); }
DEVICE float fromBits(int x) { return __builtin_bit_cast(float, x); }
DEVICE double fromBits(long long x) { return __builtin_bit_cast(double, x); }

#endif

// KERNEL starts the definition of an entry point that is launched with blocks of
// up to 1024 threads, as Gorgonia does, which bounds the registers of a thread.
#define KERNEL extern "C" __global__ void __launch_bounds__(1024)

// KERNEL_OF is KERNEL for blocks of a number of threads.
#define KERNEL_OF(threads) extern "C" __global__ void __launch_bounds__(threads)
