package traffic

// Coolstore is the entrance to the shop.
var Coolstore = Entrance{
	Gateway: "coolstore-gateway", VirtualService: "webapp-virtualservice", Host: "webapp.istioinaction.io", Service: "webapp",
}
