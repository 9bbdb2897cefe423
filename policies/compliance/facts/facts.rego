# METADATA
# title: Facts about data and use
# description: The classes of data that a message may carry, and what the workload's labels declare; none of it is the sender's word.
# scope: package
package cortexos.rules.compliance.facts

# Classes of data: the workload's, from its label, and the session's, by what it has received.
classes contains trim_space(class) if {
	some class in split(input.job_meta.labels[data.cortexos.rules.compliance.facts.class_label], ",")
}

classes contains class if some class in input.context.labels

# What a label says; the empty text without it.
says(name) := value if {
	value := input.job_meta.labels[name]
} else := ""
