package dev.millrace.gateway.openai;

import dev.millrace.gateway.generation.AnswerEvent;

/// An event and the prompt that it belongs to.
///
/// @param prompt the index of the prompt in the request
record PromptEvent(int prompt, AnswerEvent event) {}
