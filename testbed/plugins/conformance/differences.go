package conformance

// differences are those that stay, each with its reason. An entry that has become untrue fails the suite of its plugin.
var differences = []Difference{
	// docker
	{"docker", "configuration / check / inputs.__pulumi-go-provider-version", "pulumi-go-provider adds it to every provider"},
	{"docker", "* / failures*", "each refuses in words of its own; ours names the property in its own place"},
	{"docker", "* / has an input that there is not / preview: check / inputs.*", "ours leaves out of the inputs what it does not know"},
	{"docker", "*outputs.__pulumi_raw_state_delta*", "how the bridge gets Terraform's state back; without it, it goes by the outputs"},
	{"docker", "*preview: * / outputs.__meta", "a note for the official plugin, of which only what is kept matters"},
	{"docker", "*outputs.id", "pulumi tells it beside the outputs"},
	{"docker", "a network* / outputs.scope", unread},
	{"docker", "a network* / preview: create / outputs.internal", unread},
	{"docker", "an image* / preview: create / outputs.repoDigest", unread},
	{"docker", "a * / outputs.ipcMode", unread},
	{"docker", "a * / outputs.logDriver", unread},
	{"docker", "a * / outputs.runtime", unread},
	{"docker", "a * / outputs.shmSize", unread},
	{"docker", "a * / outputs.exitCode", unread},
	{"docker", "a * / preview: create / outputs.bridge", unread},
	{"docker", "a * / preview: create / outputs.containerLogs", unread},
	{"docker", "a * / preview: create / outputs.stop*", unread},
	{"docker", "a network whose name is taken / is made / create / error", "ours looks itself, for engines that do not"},
	{"docker", "an image / is called nothing / create / error", "each refuses in words of its own"},
	{"docker", "a container whose health never comes / * / reasons[0]", "each says in words of its own what it waited for"},
	{"docker", "a container that does not start / * file / create / reasons[0]", "each says in words of its own which file it lacks"},
	{"docker", "a node / * / detail maxRetryCount", "ours calls added what the official plugin remembers as 0"},
	{"docker", "a node / * / detail healthcheck.retries", "ours calls added what the official plugin remembers as 0"},
	{"docker", "a node / is waited for and looked at otherwise / read / inputs.healthcheck*", intact},
	{"docker", "a node / is waited for and looked at otherwise / read / inputs.tmpfs*", intact},

	// kubernetes
	{"kubernetes", "configuration / check / inputs.__pulumi-go-provider-version", "pulumi-go-provider adds it to every provider"},
	{"kubernetes", "*diff* / changed", "pulumi-go-provider tells the first keys of the changed paths, where the official plugin tells none"},
	{"kubernetes", "*diff* / replaces", "pulumi-go-provider tells the first key of each path; the paths themselves are compared as details"},
	{"kubernetes", "* / detail metadata.annotations[\"pulumi.com/replaceUnready\"]", "pulumi-go-provider replaces for a detail alone"},
	{"kubernetes", "* / outputs.spec.template.metadata.creationTimestamp", "pulumi-go-provider leaves out nulls"},
	{"kubernetes", "a CustomResourceDefinition / is made / create / outputs.status.conditions", "pulumi-go-provider leaves out nulls"},
	{"kubernetes", "a CustomResourceDefinition / * / outputs.__inputs.metadata.resourceVersion",
		"the official plugin writes down what it adds for the request"},
	{"kubernetes", "* / outputs.status*", "how far a rollout has come is a matter of moments"},
	{"kubernetes", "* / outputs.metadata.managedFields*", "which controller has written last is a matter of moments"},
	{"kubernetes", "a token that is never filled in / is waited for otherwise / *",
		"the official plugin gives back the object before the update"},
	{"kubernetes", "a DaemonSet* / reasons*", "ours also says which pod is not ready, and why"},
	{"kubernetes", "a Job* / create / reasons*",
		"the official plugin tells the states that a pod passes through, in their order; ours the last"},
	{"kubernetes", "a Deployment / is rolled out / *",
		"the official plugin takes a Deployment that its controller has not seen yet for ready"},
	{"kubernetes", "a Deployment that is not ready / is broken / *",
		"the official plugin takes a Deployment that its controller has not seen yet for ready"},

	// tls
}

const (
	unread = "the lab neither gives nor reads it"
	intact = "ours takes all that Docker reports over into the inputs, the official plugin only what they had before"
)
