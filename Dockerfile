FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /out/roundtrip ./cmd/roundtrip && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /
COPY --from=build /out/roundtrip /roundtrip
COPY --from=build --chown=65532:65532 /out/data /data
# The service refuses this address without tokens, unless ROUNDTRIP_SERVER_INSECURE says that a wall stands around it.
ENV TMPDIR=/data ZONEINFO=/zoneinfo.zip ROUNDTRIP_SERVER_ADDRESS=0.0.0.0:8080 ROUNDTRIP_STORE_PATH=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/roundtrip"]
CMD ["serve"]
