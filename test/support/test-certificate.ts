/**
 * For tests only: a certificate for 127.0.0.1 and localhost that signs itself, from 2020 to 2120, and its key, which is no
 * secret. Only a client that is told to trusts it. Made with `openssl ca -selfsign`, from a P-256 key.
 */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBljCCAT2gAwIBAgIBATAKBggqhkjOPQQDAjAsMREwDwYDVQQKDAhNaWxscmFj
ZTEXMBUGA1UEAwwOZm9yIHRlc3RzIG9ubHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
MDAxMDEwMDAwMDBaMCwxETAPBgNVBAoMCE1pbGxyYWNlMRcwFQYDVQQDDA5mb3Ig
dGVzdHMgb25seTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBwdlInJ+5qsnt04
WFMSalAV/n5rOSBwstuH9/zaxILDZfmp2VmWv1cAZO7HERVcGEctTZ8Xr97vQrmt
OMhZBGOjTjBMMBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBRHs8JoU5IdNPEibA6KQYWhrOqh4zAKBggqhkjOPQQD
AgNHADBEAiAYIl//5Ii1Y5CUeMnr10oWxffK7IIsfLXfyH/VzBxiNQIgOJXsVOQo
wpfmCC/IsT6tb8awMVPipJVo4m9t5cw3iDc=
-----END CERTIFICATE-----
`

/** Of {@link testCertificate}. For tests only. */
export const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKVMjwYmgFKFL6J6m
kAVyQUOV3Bb4pGx91ejdJ+AwVbOhRANCAAQcHZSJyfuarJ7dOFhTEmpQFf5+azkg
cLLbh/f82sSCw2X5qdlZlr9XAGTuxxEVXBhHLU2fF6/e70K5rTjIWQRj
-----END PRIVATE KEY-----
`
