package dev.millrace.tokenizer.model;

/// What a chat template renders.
///
/// @param messagesJson a JSON array of objects with role and content
/// @param toolsJson a JSON array of tool definitions, or empty
/// @param addGenerationPrompt true when the template should open the assistant's answer
/// @param variablesJson a JSON object of further variables, or empty
public record ChatInput(String messagesJson, String toolsJson, boolean addGenerationPrompt, String variablesJson) {}
