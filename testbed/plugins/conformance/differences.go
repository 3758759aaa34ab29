package conformance

// differences are those that stay, each with its reason. An entry that has become untrue fails the suite of its plugin.
var differences = []Difference{
	// docker
	{Suite: "docker", At: "configuration / check / inputs.__pulumi-go-provider-version", Why: "pulumi-go-provider adds it to every provider"},
	{Suite: "docker", At: "* / failures*", Why: "each refuses in words of its own; ours names the property in its own place"},
	{Suite: "docker", At: "* / has an input that there is not / preview: check / inputs.*", Why: "ours leaves out of the inputs what it does not know"},
	{Suite: "docker", At: "*outputs.__pulumi_raw_state_delta*", Why: "how the bridge gets Terraform's state back; without it, it goes by the outputs"},
	{Suite: "docker", At: "*preview: * / outputs.__meta", Why: "a note for the official plugin, of which only what is kept matters"},
	{Suite: "docker", At: "*outputs.id", Why: "pulumi tells it beside the outputs"},
	{Suite: "docker", At: "a network* / outputs.scope", Why: unread},
	{Suite: "docker", At: "a network* / preview: create / outputs.internal", Why: unread},
	{Suite: "docker", At: "an image* / preview: create / outputs.repoDigest", Why: unread},
	{Suite: "docker", At: "a * / outputs.ipcMode", Why: unread},
	{Suite: "docker", At: "a * / outputs.logDriver", Why: unread},
	{Suite: "docker", At: "a * / outputs.runtime", Why: unread},
	{Suite: "docker", At: "a * / outputs.shmSize", Why: unread},
	{Suite: "docker", At: "a * / outputs.exitCode", Why: unread},
	{Suite: "docker", At: "a * / preview: create / outputs.bridge", Why: unread},
	{Suite: "docker", At: "a * / preview: create / outputs.containerLogs", Why: unread},
	{Suite: "docker", At: "a * / preview: create / outputs.stop*", Why: unread},
	{Suite: "docker", At: "a network whose name is taken / is made / create / error", Why: "ours looks itself, for engines that do not"},
	{Suite: "docker", At: "an image / is called nothing / create / error", Why: "each refuses in words of its own"},
	{Suite: "docker", At: "a container whose health never comes / * / reasons[0]", Why: "each says in words of its own what it waited for"},
	{Suite: "docker", At: "a container that does not start / * file / create / reasons[0]", Why: "each says in words of its own which file it lacks"},
	{Suite: "docker", At: "a node / * / detail maxRetryCount", Why: "ours calls added what the official plugin remembers as 0"},
	{Suite: "docker", At: "a node / is waited for and looked at otherwise / read / inputs.healthcheck*", Why: intact},
	{Suite: "docker", At: "a node / is waited for and looked at otherwise / read / inputs.tmpfs*", Why: intact},

	// kubernetes
	{Suite: "kubernetes", At: "configuration / check / inputs.__pulumi-go-provider-version", Why: "pulumi-go-provider adds it to every provider"},
	{Suite: "kubernetes", At: "*diff* / changed", Why: "pulumi-go-provider tells the first keys of the changed paths, where the official plugin tells none"},
	{Suite: "kubernetes", At: "*diff* / replaces", Why: "pulumi-go-provider tells the first key of each path; the paths themselves are compared as details"},
	{Suite: "kubernetes without its cluster", At: "configuration / check / inputs.__pulumi-go-provider-version", Why: "pulumi-go-provider adds it to every provider"},
	{Suite: "kubernetes whose cluster may come back", At: "configuration / check / inputs.__pulumi-go-provider-version", Why: "pulumi-go-provider adds it to every provider"},
	{Suite: "kubernetes without its cluster", At: "*diff* / replaces", Why: "pulumi-go-provider tells the first key of each path; the paths themselves are compared as details"},
	{Suite: "kubernetes without its cluster", At: "*diff* / changed", Why: "pulumi-go-provider tells the first keys of the changed paths, where the official plugin tells none"},
	{Suite: "kubernetes", At: "* / detail metadata.annotations[\"pulumi.com/replaceUnready\"]", Why: "pulumi-go-provider replaces for a detail alone"},
	{Suite: "kubernetes", At: "a CustomResourceDefinition / is made / create / outputs.status.conditions", Why: "pulumi-go-provider leaves out nulls"},
	{Suite: "kubernetes", At: "a CustomResourceDefinition / * / outputs.__inputs.metadata.resourceVersion", Why: "the official plugin writes down what it adds for the request"},
	{Suite: "kubernetes", At: "a D* / * / outputs.status*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a D* / * / outputs.metadata.managedFields*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a Job* / * / outputs.status*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a Job* / * / outputs.metadata.managedFields*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a CustomResourceDefinition / * / outputs.status*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a CustomResourceDefinition / * / outputs.metadata.managedFields*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "an APIService / * / outputs.status*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "an APIService / * / outputs.metadata.managedFields*", Why: moments, Sometimes: true},
	{Suite: "kubernetes", At: "a token that is never filled in / is waited for otherwise / *", Why: "the official plugin gives back the object before the update"},
	{Suite: "kubernetes", At: "a DaemonSet* / reasons*", Why: "ours also says which pod is not ready, and why"},
	{Suite: "kubernetes", At: "a Job* / create / reasons*", Why: "the official plugin tells the states that a pod passes through, in their order; ours the last"},
	{Suite: "kubernetes", At: "a Deployment / is rolled out / *", Sometimes: true,
		Why: "the official plugin takes a Deployment that its controller has not seen yet for ready"},
	{Suite: "kubernetes", At: "a Deployment that is not ready / is broken / *", Sometimes: true,
		Why: "the official plugin takes a Deployment that its controller has not seen yet for ready"},
	{Suite: "kubernetes", At: "a Deployment / was scaled by others / *", Sometimes: true,
		Why: "the official plugin takes a Deployment that its controller has not seen yet for ready"},

	// tls
	{Suite: "tls", At: "configuration / check / inputs*", Why: "pulumi-go-provider adds its version to every provider's"},
	{Suite: "tls", At: "* / failures*", Why: "each refuses in words of its own; ours names the property in its own place"},
	{Suite: "tls", At: "* / create / error", Why: "each refuses in words of its own"},
	{Suite: "tls", At: "*diff* / detail *", Why: "pulumi-go-provider takes from details what has changed, and the official plugin tells that alone"},
	{Suite: "tls", At: "*outputs.__pulumi_raw_state_delta*", Why: "how the bridge gets Terraform's state back; without it, it goes by the outputs"},
}

const (
	unread  = "the lab neither gives nor reads it"
	moments = "how far its controller has come is a matter of moments"
	intact  = "ours takes all that Docker reports over into the inputs, the official plugin only what they had before"
)
