// CUDA kernels on the CPU: the same .cu compiled by g++ runs with a fiber for each CUDA thread.
#pragma once
#include "shim_fibers.h"
#include "shim_types.h"
#include "shim_warp.h"
#include "shim_tensor.h"
#include "shim_export.h"
