// The packed step as kernels read it: 32-bit words in the order that StepInput.java says. Wide values are two words,
// because sections begin at any word. What a step refers to has been checked before it came here.
#pragma once
#include "dialect.cuh"

enum { BLOCK_TOKENS = 16, STEP_HEADER_WORDS = 12, STEP_SAMPLE_WORDS = 19 };

// What a row of a buffer stands for, which says how many there are.
enum { ROWS_TOKENS = 0, ROWS_SAMPLES = 1 };

// How a sample is to be chosen.
struct StepSample {
    const int *record;
    const int *extra;

    DEVICE int token() const { return record[0]; }
    DEVICE int position() const { return record[3]; }
    DEVICE float temperature() const { return __int_as_float(record[4]); }
    DEVICE float top_p() const { return __int_as_float(record[5]); }
    DEVICE int top_k() const { return record[6]; }
    DEVICE float min_p() const { return __int_as_float(record[7]); }
    DEVICE uint32_t seed_low() const { return (uint32_t)record[8]; }
    DEVICE uint32_t seed_high() const { return (uint32_t)record[9]; }
    DEVICE float presence_penalty() const { return __int_as_float(record[10]); }
    DEVICE float frequency_penalty() const { return __int_as_float(record[11]); }
    DEVICE float repeat_penalty() const { return __int_as_float(record[12]); }
    DEVICE int top_logprobs() const { return record[13]; }

    DEVICE int penalty_count() const { return record[15]; }
    DEVICE int penalty_token(int i) const { return extra[record[14] + 2 * i]; }
    DEVICE int penalty_generated(int i) const {
        return (int)((uint32_t)extra[record[14] + 2 * i + 1] >> 1);
    }
    DEVICE bool penalty_repeats(int i) const { return extra[record[14] + 2 * i + 1] & 1; }

    DEVICE int bias_count() const { return record[17]; }
    DEVICE int bias_token(int i) const { return extra[record[16] + 2 * i]; }
    DEVICE float bias_value(int i) const { return __int_as_float(extra[record[16] + 2 * i + 1]); }

    // Where the sampled id is kept for the next step.
    DEVICE int place() const { return record[18]; }
};

struct Step {
    const int *words;

    DEVICE explicit Step(const int *packed) : words(packed) {}

    DEVICE int word_count() const { return words[1]; }
    DEVICE int tokens() const { return words[6]; }
    DEVICE int sequences() const { return words[7]; }
    DEVICE int table_words() const { return words[8]; }
    DEVICE int samples() const { return words[9]; }

    // Rows of a buffer of that kind.
    DEVICE int rows(int kind) const { return kind == ROWS_TOKENS ? tokens() : samples(); }

    DEVICE int token_id(int token) const { return words[STEP_HEADER_WORDS + token]; }
    DEVICE int position(int token) const { return words[STEP_HEADER_WORDS + tokens() + token]; }
    DEVICE int slot(int token) const { return words[STEP_HEADER_WORDS + 2 * tokens() + token]; }
    DEVICE int sequence(int token) const { return words[STEP_HEADER_WORDS + 3 * tokens() + token]; }

    DEVICE int first_token(int sequence) const { return words[sequence_start() + sequence]; }
    DEVICE int token_count(int sequence) const {
        return words[sequence_start() + sequences() + sequence];
    }

    // The blocks of a sequence, 16 positions each.
    DEVICE const int *blocks(int sequence) const {
        return words + table_start() + words[sequence_start() + 3 * sequences() + sequence];
    }

    DEVICE StepSample sample(int sample) const {
        const int *records = words + table_start() + table_words();
        return StepSample{records + STEP_SAMPLE_WORDS * sample, records + STEP_SAMPLE_WORDS * samples()};
    }

    // Rows that were uploaded behind the words, at the next multiple of 256 bytes.
    DEVICE const int *rows_behind() const { return words + ((word_count() + 63) & ~63); }

private:
    DEVICE int sequence_start() const { return STEP_HEADER_WORDS + 4 * tokens(); }
    DEVICE int table_start() const { return sequence_start() + 4 * sequences() + 1; }
};

// Rows that a step has. A launch may have more of them: their blocks end at once.
DEVICE int step_rows(const int *step, int kind) {
    return Step(step).rows(kind);
}
