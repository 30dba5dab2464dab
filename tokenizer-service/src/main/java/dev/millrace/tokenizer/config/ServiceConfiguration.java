package dev.millrace.tokenizer.config;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// The service's parts list.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServiceProperties.class)
@Import({ModelConfiguration.class, PipelineConfiguration.class, GrpcConfiguration.class})
public class ServiceConfiguration {}
