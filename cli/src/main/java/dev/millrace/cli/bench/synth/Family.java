package dev.millrace.cli.bench.synth;

import java.util.List;

/// What models of one maker have in common.
enum Family {
    QWEN2(
            "qwen2",
            1_000_000,
            1e-6f,
            "qwen2",
            List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
            0,
            2,
            false,
            "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
                    + "'<|im_end|>' + '\\n' }}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"),
    LLAMA3(
            "llama",
            500_000,
            1e-5f,
            "llama-bpe",
            List.of("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
            0,
            4,
            true,
            "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + "
                    + "'<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}");

    private final String architecture;
    private final float ropeBase;
    private final float epsilon;
    private final String preTokenizer;
    private final List<String> specialTokens;
    private final int beginning;
    private final int end;
    private final boolean addsBeginning;
    private final String chatTemplate;

    Family(
            String architecture,
            float ropeBase,
            float epsilon,
            String preTokenizer,
            List<String> specialTokens,
            int beginning,
            int end,
            boolean addsBeginning,
            String chatTemplate) {
        this.architecture = architecture;
        this.ropeBase = ropeBase;
        this.epsilon = epsilon;
        this.preTokenizer = preTokenizer;
        this.specialTokens = specialTokens;
        this.beginning = beginning;
        this.end = end;
        this.addsBeginning = addsBeginning;
        this.chatTemplate = chatTemplate;
    }

    /// `general.architecture`.
    String architecture() {
        return architecture;
    }

    float ropeBase() {
        return ropeBase;
    }

    /// What keeps a norm from dividing by 0.
    float epsilon() {
        return epsilon;
    }

    /// How text is cut into words.
    String preTokenizer() {
        return preTokenizer;
    }

    /// The last tokens of the vocabulary.
    List<String> specialTokens() {
        return specialTokens;
    }

    /// Which of [#specialTokens] begins a text.
    int beginning() {
        return beginning;
    }

    /// Which of [#specialTokens] ends an answer.
    int end() {
        return end;
    }

    /// Whether a text is to begin with that token.
    boolean addsBeginning() {
        return addsBeginning;
    }

    String chatTemplate() {
        return chatTemplate;
    }

    boolean hasBiases() {
        return this == QWEN2;
    }
}
