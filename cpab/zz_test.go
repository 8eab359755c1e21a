package cpab
import ("testing";"fmt")
func TestZZ(t *testing.T){
 for _,n:=range []int{1,2,10,128}{
 s,_:=NewSpace(n,WithBoundary(FreeBoundary),WithBasis(BasisNodal))
 th:=make([]float64,s.Dim())
 for k:=range th {th[k]=1}
 f,_:=s.Field(th)
 for _,x:=range []float64{1e30,1e200,1e305,1.5e306,1e307,-1e307,1.7e308,-1.7e308}{
  a,b,c:=f.FlowGrad(nil,x,1)
  fmt.Println(n,x,a,b,c[0],c[n],f.Velocity(x))
 }}
}
