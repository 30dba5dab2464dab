// The words of a packed step; see StepInput.java.
#pragma once
#include "dialect.cuh"

// What a row of a buffer stands for; see Rows.java.
enum { ROWS_TOKENS, ROWS_SAMPLES };

// Rows that a step has. A launch may have more of them: their blocks end at once.
DEVICE int step_rows(const int *step, int kind) { return step[kind == ROWS_TOKENS ? 6 : 9]; }
